/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a current credential file has been written. */
#include "tests/unit/keystore/credential/fixture_file_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/obj_mac.h>

#define AUDIENCE                                                               \
    "  <AadAudience>https://RecoveryServiceVault/westus/lab1/"                 \
    "8726350008099341699</AadAudience>\r\n"
#define PRIVATE_ENDPOINT                                                       \
    "  <PrivateEndpointStateForBackup>None"                                    \
    "</PrivateEndpointStateForBackup>\r\n"

/* TEXT, which is freed, with every FROM made TO. */
static char *
replace_all(char *text, const char *from, const char *to)
{
    while (strstr(text, from) != NULL)
        text = fixture_edit(text, from, to);
    return text;
}

static struct fixture_bytes
replaced(const struct fixture_file *file)
{
    return fixture_file_of_text(
        replace_all(fixture_file_text(), file->from, file->to));
}

static struct fixture_bytes
good(const struct fixture_file *file)
{
    (void)file;
    return fixture_file_good();
}

static struct fixture_bytes
on_one_line(const struct fixture_file *file)
{
    char *text = replace_all(fixture_file_text(), "\r\n  <", "<");

    (void)file;
    return fixture_file_of_text(replace_all(text, "\r\n", " "));
}

/* The first class had neither of the two members. */
static struct fixture_bytes
first_revision(const struct fixture_file *file)
{
    char *text = fixture_edit(fixture_file_text(), AUDIENCE, "");

    (void)file;
    return fixture_file_of_text(fixture_edit(text, PRIVATE_ENDPOINT, ""));
}

static struct fixture_bytes
with_prefixes(const struct fixture_file *file)
{
    char *text = fixture_edit(fixture_file_text(), "xmlns=", "xmlns:v=");

    (void)file;
    text = replace_all(text, "\r\n  <", "\r\n\t<v:");
    text = replace_all(text, "</A", "</v:A");
    for (const char *c = "ILMPRSV"; *c != '\0'; c++) {
        char from[] = {'<', '/', *c, '\0'};
        char to[] = {'<', '/', 'v', ':', *c, '\0'};

        text = replace_all(text, from, to);
    }
    return fixture_file_of_text(fixture_edit(text, "<RSB", "<v:RSB"));
}

static struct fixture_bytes
wrapped(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();
    char *flat = fixture_file_base64(&pfx);
    char *lines = calloc(1, 2 * strlen(flat) + 1);

    (void)file;
    FIXTURE_NEED(lines != NULL);
    for (size_t i = 0; i < strlen(flat); i += 76)
        (void)sprintf(lines + strlen(lines), "\r\n    %.76s", flat + i);
    free(flat);
    return fixture_file_of_management(lines);
}

static struct fixture_bytes
encrypted_by(int cipher, const char *mac)
{
    struct fixture_pfx pfx = fixture_file_pfx();

    pfx.key_cipher = pfx.certificate_cipher = cipher;
    pfx.mac = mac;
    return fixture_file_of_pfx(&pfx);
}

static struct fixture_bytes
triple_des(const struct fixture_file *file)
{
    (void)file;
    return encrypted_by(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NULL);
}

static struct fixture_bytes
pbes2(const struct fixture_file *file)
{
    (void)file;
    return encrypted_by(NID_aes_256_cbc, "SHA256");
}

static struct fixture_bytes
without_mac(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();

    (void)file;
    pfx.mac_iterations = 0;
    return fixture_file_of_pfx(&pfx);
}

static struct fixture_bytes
without_password(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();

    (void)file;
    pfx.password = NULL;
    return fixture_file_of_pfx(&pfx);
}

static struct fixture_bytes
long_lived(const struct fixture_file *file)
{
    struct fixture_certificate wanted = {
        .key = fixture_file_key(), .from = -86400, .to = 10 * 86400};

    (void)file;
    return fixture_file_of_certificate(&wanted);
}

#define EDITED .make = fixture_file_edited
#define KIND(kind) .make = fixture_file_of_kind, .from = kind

const struct fixture_file fixture_accepted[] = {
    {"as written, lines ending in CR LF", .make = good},
    {"lines ending in LF", .make = replaced, .from = "\r\n", .to = "\n"},
    {"all on one line", .make = on_one_line},
    {"byte order mark", EDITED, .from = "<?xml", .to = "\xef\xbb\xbf<?xml"},
    {"first revision of the class", .make = first_revision},
    {"second revision of the class", EDITED, .from = PRIVATE_ENDPOINT,
     .to = ""},
    {"optional element nil", EDITED, .from = AUDIENCE,
     .to = "<AadAudience i:nil=\"true\" />"},
    {"optional element empty", EDITED, .from = AUDIENCE,
     .to = "<AadAudience/>"},
    {"optional element absent", EDITED, .from = AUDIENCE, .to = ""},
    {"unknown elements", EDITED, .from = "<Location>",
     .to = "<New a=\"1\"><Inner>x</Inner></New><Location>"},
    {"older namespace", EDITED,
     .from = "Azure.Portal.RecoveryServices.Models.Common",
     .to = "Azure.Commands.AzureBackup.Models"},
    {"prefixes", .make = with_prefixes},
    {"wrapped base64", .make = wrapped},
    {"3DES for both parts", .make = triple_des},
    {"PBES2", .make = pbes2},
    {"without MAC", .make = without_mac},
    {"no password instead of an empty one", .make = without_password},
    {"RSA-3072", KIND("RSA-3072")},
    {"RSA-4096", KIND("RSA-4096")},
    {"P-256", KIND("P-256")},
    {"P-384", KIND("P-384")},
    {"valid for ten days", .make = long_lived},
    {"largest ResourceId", EDITED, .from = ">8726350008099341699<",
     .to = ">9223372036854775807<"},
    {"negative ResourceId", EDITED, .from = ">8726350008099341699<",
     .to = ">-9223372036854775808<"},
    {.name = NULL},
};
