/* SPDX-License-Identifier: Apache-2.0 */
/* Every way of being no usable credential file that is known, and the words by
 * which each refusal can be told from the others. */
#include "tests/unit/keystore/credential/fixture_file_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#define ITERATIONS 3000001

static struct fixture_bytes
dated(long from, long to)
{
    struct fixture_certificate wanted = {
        .key = fixture_file_key(), .from = from, .to = to};

    return fixture_file_of_certificate(&wanted);
}

static struct fixture_bytes
expired(const struct fixture_file *file)
{
    (void)file;
    return dated(-3L * 86400, -86400);
}

static struct fixture_bytes
not_yet_valid(const struct fixture_file *file)
{
    (void)file;
    return dated(3600, 2L * 86400);
}

static struct fixture_bytes
for_a_server(const struct fixture_file *file)
{
    struct fixture_certificate wanted = {.key = fixture_file_key(),
                                         .extended_usage = "serverAuth"};

    (void)file;
    return fixture_file_of_certificate(&wanted);
}

static struct fixture_bytes
bare_certificate(const struct fixture_file *file)
{
    struct fixture_bytes der = fixture_certificate_der(
        fixture_file_certificate());
    char *base64 = fixture_base64(der.bytes, der.length);

    (void)file;
    fixture_free(&der);
    return fixture_file_of_management(base64);
}

static struct fixture_bytes
pfx_without_key(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_windows(NULL, fixture_file_certificate());

    (void)file;
    return fixture_file_of_pfx(&pfx);
}

/* A second key beside the first, or instead of it */
static struct fixture_bytes
with_other_key(size_t where)
{
    struct fixture_pfx pfx = fixture_file_pfx();
    EVP_PKEY *other = fixture_key("P-256");
    struct fixture_bytes ret;

    pfx.keys[where] = other;
    ret = fixture_file_of_pfx(&pfx);
    EVP_PKEY_free(other);
    return ret;
}

static struct fixture_bytes
two_keys(const struct fixture_file *file)
{
    (void)file;
    return with_other_key(1);
}

static struct fixture_bytes
foreign_certificate(const struct fixture_file *file)
{
    (void)file;
    return with_other_key(0);
}

static struct fixture_bytes
password(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();

    (void)file;
    pfx.password = "secret";
    return fixture_file_of_pfx(&pfx);
}

static struct fixture_bytes
mac_iterations(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();

    (void)file;
    pfx.mac_iterations = 0;
    pfx.declared_mac_iterations = ITERATIONS;
    return fixture_file_of_pfx(&pfx);
}

static struct fixture_bytes
key_iterations(const struct fixture_file *file)
{
    unsigned char salt[] = "8 bytes";
    struct fixture_pfx pfx = fixture_windows(NULL, NULL);
    struct fixture_bytes ret;

    (void)file;
    pfx.mac_iterations = 0;
    pfx.declared_key_cipher = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), 20000000,
                                                salt, sizeof salt, NULL, -1);
    FIXTURE_NEED(pfx.declared_key_cipher != NULL);
    ret = fixture_file_of_pfx(&pfx);
    X509_ALGOR_free(pfx.declared_key_cipher);
    return ret;
}

static struct fixture_bytes
double_base64(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();
    char *once = fixture_file_base64(&pfx);
    char *twice = fixture_base64((const uint8_t *)once, strlen(once));

    (void)file;
    free(once);
    return fixture_file_of_management(twice);
}

static struct fixture_bytes
truncated_pfx(const struct fixture_file *file)
{
    struct fixture_pfx pfx = fixture_file_pfx();
    char *base64 = fixture_file_base64(&pfx);

    (void)file;
    base64[strlen(base64) / 8 * 4] = '\0';
    return fixture_file_of_management(base64);
}

/* FROM is ManagementCert's text */
static struct fixture_bytes
management(const struct fixture_file *file)
{
    char *copy = strdup(file->from);

    FIXTURE_NEED(copy != NULL);
    return fixture_file_of_management(copy);
}

/* FROM is the whole file */
static struct fixture_bytes
literal(const struct fixture_file *file)
{
    return fixture_file_of(file->from, strlen(file->from));
}

/* The root is called FROM. */
static struct fixture_bytes
renamed(const struct fixture_file *file)
{
    static const char root[] = "RSBackupVaultAADCreds";

    return fixture_file_of_text(fixture_edit(
        fixture_edit(fixture_file_text(), root, file->from), root, file->from));
}

static struct fixture_bytes
truncated(const struct fixture_file *file)
{
    char *text = fixture_file_text();

    (void)file;
    text[strlen(text) / 2] = '\0';
    return fixture_file_of_text(text);
}

#define EDITED(before, after)                                                  \
    .make = fixture_file_edited, .from = before, .to = after
#define KIND(kind) .make = fixture_file_of_kind, .from = kind
#define ROOT(root) .make = renamed, .from = root
#define MANAGEMENT(text) .make = management, .from = text
#define LITERAL(text) .make = literal, .from = text
#define AUTHORITY "https://login.windows.net<"
#define ENDPOINT "https://pod01-id1.wus.backup.windowsazure.com/restapi/<"
#define DOCTYPE(inside)                                                        \
    EDITED("<RSB", "<!DOCTYPE x" inside "><RSB"), .says = "it has a DOCTYPE"

const struct fixture_file fixture_refused[] = {
    {"expired", .make = expired, .says = "has expired: it ended 20"},
    {"not yet valid", .make = not_yet_valid,
     .says = "this machine's clock says 20"},
    {"certificate for a server", .make = for_a_server,
     .says = "not for client authentication"},
    {"bare certificate", .make = bare_certificate,
     .says = "without a private key: ManagementCert is a bare certificate"},
    {"PFX without a key", .make = pfx_without_key,
     .says = "without a private key: the PFX has none"},
    {"two keys", .make = two_keys, .says = "more than one private key"},
    {"foreign certificate", .make = foreign_certificate,
     .says = "key and certificate do not match"},
    {"password", .make = password, .says = "locked by a password"},
    {"RSA-1024", KIND("RSA-1024"), .says = "too weak or of a foreign kind"},
    {"weak curve", KIND("P-192"), .says = "too weak or of a foreign kind"},
    {"foreign curve", KIND(FIXTURE_FOREIGN_CURVE),
     .says = "too weak or of a foreign kind"},
    {"millions of iterations of the MAC", .make = mac_iterations,
     .says = "too many iterations of key derivation"},
    {"millions of iterations of the key", .make = key_iterations,
     .says = "too many iterations of key derivation"},
    {"double base64", .make = double_base64, .says = "base64 of base64"},
    {"not base64", MANAGEMENT("no base64!"), .says = "is not base64"},
    {"PEM in base64", MANAGEMENT("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="),
     .says = "PEM text instead of a PFX"},
    {"base64 of garbage", MANAGEMENT("Z2FyYmFnZQ=="), .says = "not a PFX"},
    {"truncated PFX", .make = truncated_pfx, .says = "not a PFX"},
    {"empty ManagementCert", MANAGEMENT(""),
     .says = "ManagementCert is missing"},
    {"garbage", LITERAL("\x7f\x45LF garbage"), .says = "not XML, line 1"},
    {"empty file", LITERAL(""), .says = "it is empty"},
    {"JSON", LITERAL("{\"Version\": \"2.0\"}"), .says = "not XML, line 1"},
    {"page of a portal", LITERAL("<html><body>Sign in</body></html>"),
     .says = "it is another kind of XML"},
    {"truncated", .make = truncated, .says = "not XML, line "},
    {"ACS generation", ROOT("BackupVaultCreds"),
     .says = "(ACS) is retired: download again"},
    {"Site Recovery", ROOT("RSVaultAsrCreds"), .says = "for Site Recovery"},
    {"earlier Site Recovery", ROOT("ASRVaultCreds"),
     .says = "for Site Recovery"},
    {"foreign root", ROOT("VaultCreds"), .says = "it is another kind of XML"},
    {"missing element", EDITED("<Location>westus</Location>", ""),
     .says = "Location is missing"},
    {"required element nil",
     EDITED("<Location>westus</Location>", "<Location i:nil=\"true\" />"),
     .says = "Location is missing"},
    {"duplicate element", EDITED("<Location>", "<Location/><Location>"),
     .says = "Location is there twice"},
    {"DOCTYPE", DOCTYPE("")},
    {"entities in entities",
     DOCTYPE(" [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]")},
    {"external entity", DOCTYPE(" [<!ENTITY a SYSTEM \"/etc/passwd\">]")},
    {"undefined entity", EDITED("lab1", "&a;"), .says = "undefined entity"},
    {"over 256 KiB", .make = fixture_file_too_large,
     .says = "more than 256 KiB"},
    {"20,000 levels", .make = fixture_file_of_levels,
     .says = "nested too deep"},
    {"12,000 attributes", .make = fixture_file_of_attributes,
     .says = "too many attributes"},
    {"authority by http", EDITED(AUTHORITY, "http://login.windows.net<"),
     .says = "AadAuthority is no plain https:// address"},
    {"endpoint by http", EDITED(ENDPOINT, "http://a.backup.windowsazure.com/<"),
     .says = "IdMgmtRestEndpoint is no plain https:// address"},
    {"authority with user info",
     EDITED(AUTHORITY, "https://login.windows.net@evil.example<"),
     .says = "AadAuthority is no plain https:// address"},
    {"endpoint with user info",
     EDITED(ENDPOINT, "https://u:p@a.backup.windowsazure.com/<"),
     .says = "IdMgmtRestEndpoint is no plain https:// address"},
    {"foreign authority", EDITED(AUTHORITY, "https://login.example<"),
     .says = "AadAuthority is at login.example:443"},
    {"foreign endpoint",
     EDITED(ENDPOINT, "https://evilbackup.windowsazure.com/<"),
     .says = "IdMgmtRestEndpoint is at evilbackup.windowsazure.com:443"},
    {"endpoint at another port",
     EDITED(ENDPOINT, "https://a.backup.windowsazure.com:8443/<"),
     .says = "IdMgmtRestEndpoint is at a.backup.windowsazure.com:8443"},
    {"line feed in a name", EDITED("lab1<", "lab\n1<"),
     .says = "ResourceName is no plain text"},
    {"escape in a name", EDITED("lab1<", "lab&#x9b;2J<"),
     .says = "ResourceName is no plain text"},
    {"right to left in a name",
     EDITED("lab1<", "lab\xe2\x80\xae"
                     "1<"),
     .says = "ResourceName is no plain text"},
    {"number too large",
     EDITED(">8726350008099341699<", ">9223372036854775808<"),
     .says = "ResourceId is not a 64-bit number"},
    {"number too small",
     EDITED(">8726350008099341699<", ">-9223372036854775809<"),
     .says = "ResourceId is not a 64-bit number"},
    {"no number", EDITED(">8726350008099341699<", ">8.7e18<"),
     .says = "ResourceId is not a 64-bit number"},
    {"no GUID", EDITED("f5303a0b-", "../../"),
     .says = "SubscriptionId is not a GUID"},
    {"other version", EDITED(">2.0<", ">3.0<"), .says = "Version is not 2.0"},
    {.name = NULL},
};
