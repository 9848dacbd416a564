/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses of a credential file are gone to, and which never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agent/holdfast/policy/endpoint.h"
#include "agent/holdfast/policy/host_port.h"

#define AZURE "https://login.windows.net"
#define SERVICE "https://pod01-id1.wus.backup.windowsazure.com/restapi/"

static enum ks_err
check(const char *authority, const char *endpoint,
      const struct endpoint_hosts *hosts)
{
    char a[512], e[512];
    struct credential credential = {.certificate = NULL};
    struct err_cause cause;

    (void)strcpy(a, authority);
    (void)strcpy(e, endpoint);
    credential.text[CREDENTIAL_AAD_AUTHORITY] = a;
    credential.text[CREDENTIAL_ENDPOINT] = e;
    return endpoint_check(&credential, hosts, &cause);
}

static void
addresses_that_are_not_azures_are_refused(void **state)
{
    static const char *const endpoints[] = {
        "http://pod01-id1.wus.backup.windowsazure.com/restapi/",
        "https://evil.example/restapi/",
        "https://backup.windowsazure.com.evil.example/restapi/",
        "https://evilbackup.windowsazure.com/restapi/",
        "https://.backup.windowsazure.com/restapi/",
        "https://user@pod01.backup.windowsazure.com/restapi/",
        "https://pod01.backup.windowsazure.com@evil.example/restapi/",
        "https://pod01.backup.windowsazure.com:8443/restapi/",
        "https://pod01.backup.windowsazure.com:/restapi/",
        "https://pod01.backup.windowsazure.com:443443/restapi/",
        "https://pod01.backup.windowsazure.com/restapi/?x=/",
        "https://pod01.backup.windowsazure.com/restapi/#/",
        "https://pod01.backup.windowsazure.com\\@evil.example/",
        "https://pod01.backup.windowsazure.com/rest api/",
        "https://pod01.backup.windowsazure.com/%2e%2e/",
        "https://pod01.backup.windowsazure.com./restapi/",
        "https://pod01.backup.windowsazure.com/restapi",
        "https://[::1]/restapi/",
        "https:///restapi/",
        "ftp://pod01.backup.windowsazure.com/",
        "",
    };
    struct endpoint_hosts none = {.count = 0};

    (void)state;
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
        assert_int_equal(check(AZURE, endpoints[i], &none), KS_ERR_CRED_HOST);
}

static void
authorities_are_exact_hosts(void **state)
{
    static const char *const authorities[] = {
        "http://login.windows.net",
        "https://login.windows.net.evil.example",
        "https://sub.login.windows.net",
        "https://pod01.backup.windowsazure.com",
        "https://login.windows.net:444",
    };
    struct endpoint_hosts none = {.count = 0};

    (void)state;
    for (size_t i = 0; i < sizeof authorities / sizeof authorities[0]; i++)
        assert_int_equal(check(authorities[i], SERVICE, &none),
                         KS_ERR_CRED_HOST);
}

static void
azures_clouds_are_allowed(void **state)
{
    struct endpoint_hosts none = {.count = 0};

    (void)state;
    assert_int_equal(check(AZURE, SERVICE, &none), KS_OK);
    assert_int_equal(check("https://LOGIN.microsoftonline.us/",
                           "https://x.usgov.backup.windowsazure.us/restapi/",
                           &none),
                     KS_OK);
    assert_int_equal(check("https://login.partner.microsoftonline.cn:443",
                           "https://x.backup.windowsazure.cn/", &none),
                     KS_OK);
}

static void
added_host_is_allowed_with_its_port_only(void **state)
{
    struct endpoint_hosts hosts = {.host = {"localhost:8443"}, .count = 1};

    (void)state;
    assert_int_equal(check("https://localhost:8443",
                           "https://localhost:8443/restapi/", &hosts),
                     KS_OK);
    assert_int_equal(
        check("https://localhost", "https://localhost:8443/restapi/", &hosts),
        KS_ERR_CRED_HOST);
    assert_int_equal(check("https://localhost:8444",
                           "https://localhost:8443/restapi/", &hosts),
                     KS_ERR_CRED_HOST);
    hosts.host[0] = "vault.example";
    assert_int_equal(check("https://vault.example",
                           "https://vault.example/restapi/", &hosts),
                     KS_OK);
}

/* One host in several ways of writing; no other one. */
static void
added_ipv6_address_and_underscore_are_allowed(void **state)
{
    static const char *const same[] = {
        "[2001:db8::1]:8443", "[2001:DB8::1]:8443",
        "[2001:db8:0:0:0:0:0:1]:8443", "[2001:db8::0.0.0.1]:8443"};
    struct endpoint_hosts hosts = {.host = {"vault_1.example"}, .count = 1};

    (void)state;
    assert_int_equal(check("https://vault_1.example",
                           "https://VAULT_1.example:443/restapi/", &hosts),
                     KS_OK);
    assert_int_equal(check("https://vault-1.example",
                           "https://vault_1.example/restapi/", &hosts),
                     KS_ERR_CRED_HOST);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        hosts.host[0] = same[i];
        assert_int_equal(check("https://[2001:db8::1]:8443",
                               "https://[2001:DB8:0::1]:8443/restapi/", &hosts),
                         KS_OK);
        assert_int_equal(check("https://[2001:db8::1]",
                               "https://[2001:db8::1]:8443/restapi/", &hosts),
                         KS_ERR_CRED_HOST);
        assert_int_equal(check("https://[2001:db8::2]:8443",
                               "https://[2001:db8::1]:8443/restapi/", &hosts),
                         KS_ERR_CRED_HOST);
    }
}

/* What resolvers, libcurl and this program could read differently */
static void
ambiguous_addresses_are_refused(void **state)
{
    static const char *const texts[] = {"",
                                        ".",
                                        "a.",
                                        "a..b",
                                        ".a",
                                        "-a",
                                        "a:",
                                        "a:0",
                                        "a:65536",
                                        "a:+1",
                                        "a: 1",
                                        "a:1:1",
                                        "a@b",
                                        "a/b",
                                        "a b",
                                        "*.example",
                                        "b\xc3\xbc.example",
                                        "https://a",
                                        "127.1",
                                        "0x7f.1",
                                        "1",
                                        "1.2.3.4.5",
                                        "1.2.3.256",
                                        "01.2.3.4",
                                        "::1",
                                        "[::1",
                                        "[]",
                                        "[::1]a",
                                        "[::1]:",
                                        "[fe80::1%eth0]",
                                        "[fe80::1%25eth0]",
                                        "[127.0.0.1]",
                                        "[::g]",
                                        "[::1]]",
                                        "a[::1]"};
    char label[80], name[300];
    struct host_port at;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(host_port_read(texts[i], strlen(texts[i]), &at));
    assert_false(host_port_read("a\0b", 3, &at));
    memset(label, 'a', sizeof label);
    assert_true(host_port_read(label, 63, &at));
    assert_false(host_port_read(label, 64, &at));
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 2 == 0 ? 'a' : '.';
    assert_true(host_port_read(name, 253, &at));
    assert_false(host_port_read(name, 255, &at));
}

static void
token_endpoint_follows_entras_shape(void **state)
{
    char authority[] = "https://login.windows.net/";
    char tenant[] = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    struct credential credential = {.certificate = NULL};
    char url[256];

    (void)state;
    credential.text[CREDENTIAL_AAD_AUTHORITY] = authority;
    credential.text[CREDENTIAL_AAD_TENANT_ID] = tenant;
    assert_int_equal(endpoint_token(&credential, url, sizeof url), KS_OK);
    assert_string_equal(url, "https://login.windows.net/72f988bf-86f1-41af-"
                             "91ab-2d7cd011db47/oauth2/v2.0/token");
    assert_int_not_equal(endpoint_token(&credential, url, 40), KS_OK);
}

/* A longer one would not fit into what holdfast-token and holdfast-net are
 * told. */
static void
token_endpoint_is_as_long_as_a_field_at_most(void **state)
{
    static const char start[] = AZURE "/";
    struct endpoint_hosts none = {.count = 0};
    struct err_cause cause = {""};
    char url[CREDENTIAL_TEXT_MAX + 1];

    (void)state;
    memset(url, 'a', sizeof url);
    memcpy(url, start, sizeof start - 1);
    url[CREDENTIAL_TEXT_MAX - 1] = '\0';
    assert_int_equal(endpoint_check_token(url, &none, &cause), KS_OK);
    url[CREDENTIAL_TEXT_MAX - 1] = 'a';
    url[CREDENTIAL_TEXT_MAX] = '\0';
    assert_int_equal(endpoint_check_token(url, &none, &cause),
                     KS_ERR_CRED_HOST);
    assert_non_null(strstr(cause.text, "longer than 1023 bytes"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_are_not_azures_are_refused),
        cmocka_unit_test(authorities_are_exact_hosts),
        cmocka_unit_test(azures_clouds_are_allowed),
        cmocka_unit_test(added_host_is_allowed_with_its_port_only),
        cmocka_unit_test(added_ipv6_address_and_underscore_are_allowed),
        cmocka_unit_test(ambiguous_addresses_are_refused),
        cmocka_unit_test(token_endpoint_follows_entras_shape),
        cmocka_unit_test(token_endpoint_is_as_long_as_a_field_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
