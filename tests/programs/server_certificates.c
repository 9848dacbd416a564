/* SPDX-License-Identifier: Apache-2.0 */
/* One row a certificate.  A reason stands beside what OpenSSL or libcurl alone
 * would let pass. */
#include "tests/programs/server_certificates.h"

#define DAY 86400L

/* Authorities between */
#define MIDDLE .key = "P-256/middle", .name = "middle", .san = ""
#define ISSUES .basic = "critical,CA:TRUE", .usage = "critical,keyCertSign"

static const struct server_certificate middle = {MIDDLE, ISSUES};
static const struct server_certificate second = {
    .key = "P-256/second", .name = "second", .san = "", ISSUES};
static const struct server_certificate last = {
    MIDDLE, .basic = "critical,CA:TRUE,pathlen:0",
    .usage = "critical,keyCertSign"};
static const struct server_certificate no_authority = {
    MIDDLE, .basic = "critical,CA:FALSE"};
static const struct server_certificate says_nothing = {MIDDLE};
static const struct server_certificate signs_no_others = {
    MIDDLE, .basic = "critical,CA:TRUE", .usage = "critical,digitalSignature"};
static const struct server_certificate expired_middle = {
    MIDDLE, ISSUES, .from = -2 * DAY, .to = -60};
static const struct server_certificate early_middle = {MIDDLE, ISSUES,
                                                       .from = 3600, .to = DAY};
static const struct server_certificate small_middle = {
    .key = "RSA-1024/middle", .name = "middle", .san = "", ISSUES};
static const struct server_certificate narrow_middle = {
    .key = "P-192", .name = "middle", .san = "", ISSUES};
static const struct server_certificate sha1_middle = {MIDDLE, ISSUES,
                                                      .digest = "SHA1"};
static const struct server_certificate altered_middle = {MIDDLE, ISSUES,
                                                         .altered = true};
static const struct server_certificate client_middle = {
    MIDDLE, ISSUES, .extended_usage = "clientAuth"};
static const struct server_certificate server_middle = {
    MIDDLE, ISSUES, .extended_usage = "serverAuth"};
static const struct server_certificate critical_middle = {MIDDLE, ISSUES,
                                                          .critical = true};
static const struct server_certificate excludes = {
    MIDDLE, ISSUES, .constraints = "critical,excluded;DNS:localhost"};
static const struct server_certificate permits_another = {
    MIDDLE, ISSUES, .constraints = "critical,permitted;DNS:other.example"};
static const struct server_certificate permits = {
    MIDDLE, ISSUES, .constraints = "critical,permitted;DNS:localhost"};

/* Whose key is for lists, too */
#define REVOKES                                                                \
    .basic = "critical,CA:TRUE", .usage = "critical,keyCertSign,cRLSign"
static const struct server_certificate listing = {MIDDLE, REVOKES};
static const struct server_certificate second_listing = {
    .key = "P-256/second", .name = "second", .san = "", REVOKES};

#define UNTRUSTED .expected = KS_ERR_NET_TRUST, .says = "untrusted: "
#define NAME .expected = KS_ERR_NET_NAME, .says = "name: "
#define DATE .expected = KS_ERR_NET_DATE, .says = "date: "
#define BAD(class) .expected = KS_ERR_NET_CERTIFICATE, .says = class ": "
#define REVOKED(issuer)                                                        \
    .expected = KS_ERR_NET_CERTIFICATE,                                        \
    .says = "status: certificate revoked (issuer CN=" issuer ")"
#define NO_LIST(why) .expected = KS_ERR_NET_CRL, .says = "crl: " why
#define NO_FILE(why) .expected = KS_ERR_CRL, .says = why
#define MUST_STAPLE .leaf = {.feature = "status_request"}

const struct server_row server_rows[] = {
    {.name = "P-256"},
    {"P-384", .leaf = {.key = "P-384"}},
    {"P-521", .leaf = {.key = "P-521"}},
    {"RSA-2048", .leaf = {.key = "RSA-2048"}},
    {"RSA-3072", .leaf = {.key = "RSA-3072"}},
    {"RSASSA-PSS", .leaf = {.key = "RSA-PSS"}},
    {"Ed25519", .leaf = {.key = "ED25519"}},
    {"SHA-384", .leaf = {.digest = "SHA384"}},
    {"SHA-512", .leaf = {.digest = "SHA512"}},
    {"for signatures", .leaf = {.usage = "critical,digitalSignature"}},
    {"RSA for signatures and encryption",
     .leaf = {.key = "RSA-2048", .usage = "digitalSignature,keyEncipherment"}},
    {"for servers", .leaf = {.extended_usage = "serverAuth"}},
    {"for servers and clients",
     .leaf = {.extended_usage = "serverAuth,clientAuth"}},
    {"no authority, as it says", .leaf = {.basic = "critical,CA:FALSE"}},
    {"another common name", .leaf = {.name = "other.example"}},
    {"several names", .leaf = {.san = "DNS:other.example,DNS:localhost"}},
    {"capitals", .leaf = {.san = "DNS:LOCALHOST"}},
    {"an IPv4 address", "127.0.0.1", .leaf = {.san = "IP:127.0.0.1"}},
    {"an IPv6 address", "[::1]", .leaf = {.san = "IP:::1"}},
    {"ends after 2050", .leaf = {.from = -DAY, .to = 30 * 366 * DAY}},
    {"by one between", .middles = {&middle}},
    {"by two between", .middles = {&middle, &second}},
    {"by one for servers", .middles = {&server_middle}},
    {"by one for its name", .middles = {&permits}},
    {"stapled: good", .status = SERVER_GOOD},
    {"stapled: good, by a delegate", .status = SERVER_DELEGATED},
    {"stapled: good, by one between", .middles = {&middle},
     .status = SERVER_GOOD},
    {"must be stapled, and is", MUST_STAPLE, .status = SERVER_GOOD},

    {"in no list", .crls = {{CRL_GOOD, 0}}},
    {"in no list, in DER", .crls = {{CRL_GOOD, 0}}, .form = CRL_AS_DER},
    {"in no list, between words", .crls = {{CRL_GOOD, 0}},
     .form = CRL_AS_MIXED},
    {"another is in the list", .crls = {{CRL_REVOKES_ANOTHER, 0}}},
    {"in no list, by one between", .middles = {&listing},
     .crls = {{CRL_GOOD, 1}, {CRL_GOOD, 0}}},
    {"in no list, by two between", .middles = {&second_listing, &listing},
     .crls = {{CRL_GOOD, 0}, {CRL_GOOD, 1}, {CRL_GOOD, 2}}},
    {"in no list, by one that is trusted", .middles = {&listing},
     .crls = {{CRL_GOOD, 1}, {CRL_GOOD, 0}}, .anchored = true},
    {"in no list, and an old one beside",
     .crls = {{CRL_ENDED, 0}, {CRL_GOOD, 0}}},
    {"in no list, and stapled: good", .crls = {{CRL_GOOD, 0}},
     .status = SERVER_GOOD},
    {"in no list, and stapled: good, by a delegate", .crls = {{CRL_GOOD, 0}},
     .status = SERVER_DELEGATED},

    {"of a stranger", .issuer = SERVER_STRANGER, UNTRUSTED},
    {"of itself", .leaf = {.name = "itself", .itself = true}, UNTRUSTED},
    {"one between is not sent", .middles = {&middle}, .unsent = true,
     UNTRUSTED},
    {"by one that is no authority", .middles = {&no_authority}, UNTRUSTED},
    {"by one that says nothing", .middles = {&says_nothing}, UNTRUSTED},
    {"by one that may not issue", .middles = {&signs_no_others}, UNTRUSTED},
    {"by one too many", .middles = {&last, &second}, UNTRUSTED},
    {"by a stranger's between", .middles = {&middle}, .issuer = SERVER_STRANGER,
     UNTRUSTED},

    /* libcurl reads the common name where there is no subjectAltName. */
    {"a common name alone", .leaf = {.name = "localhost", .san = ""}, NAME},
    {"of version 1", .leaf = {.name = "localhost", .bare = true}, NAME},
    {"another name", .leaf = {.san = "DNS:other.example"}, NAME},
    {"another name beside its common one",
     .leaf = {.name = "localhost", .san = "DNS:other.example"}, NAME},
    {"its name as a mail's",
     .leaf = {.name = "localhost", .san = "email:root@localhost"}, NAME},
    {"its name as a URI", .leaf = {.san = "URI:https://localhost/"}, NAME},
    {"its name and more", .leaf = {.san = "DNS:localhost.example"}, NAME},
    {"more and its name", .leaf = {.san = "DNS:a.localhost"}, NAME},
    {"its name before a zero byte", .leaf = {.nul = true}, NAME},
    {"any name", .leaf = {.san = "DNS:*"}, NAME},
    {"any name that begins so", .leaf = {.san = "DNS:local*"}, NAME},
    {"an address instead of a name", .leaf = {.san = "IP:127.0.0.1"}, NAME},
    {"a name instead of an address", "127.0.0.1",
     .leaf = {.san = "DNS:localhost"}, NAME},
    {"an address as a name", "127.0.0.1", .leaf = {.san = "DNS:127.0.0.1"},
     NAME},
    {"an address as a common name", "127.0.0.1",
     .leaf = {.name = "127.0.0.1", .san = ""}, NAME},
    {"another address", "127.0.0.1", .leaf = {.san = "IP:127.0.0.2"}, NAME},
    {"another IPv6 address", "[::1]", .leaf = {.san = "IP:::2"}, NAME},
    {"its issuer may not name it", .middles = {&excludes}, NAME},
    {"its issuer may name others", .middles = {&permits_another}, NAME},

    {"ended", .leaf = {.from = -2 * DAY, .to = -60}, DATE},
    {"not begun", .leaf = {.from = 3600, .to = DAY}, DATE},
    {"one between has ended", .middles = {&expired_middle}, DATE},
    {"one between has not begun", .middles = {&early_middle}, DATE},
    {"its issuer has ended", .issuer = SERVER_FORMER, DATE},

    /* OpenSSL is content with each of TLS 1.2's ways. */
    {"RSA for encryption",
     .leaf = {.key = "RSA-2048", .usage = "keyEncipherment"}, BAD("purpose")},
    {"EC for agreement", .leaf = {.usage = "keyAgreement"}, BAD("purpose")},
    {"for certificates", .leaf = {.usage = "keyCertSign"}, BAD("purpose")},
    {"for clients", .leaf = {.extended_usage = "clientAuth"}, BAD("purpose")},
    {"for mail", .leaf = {.extended_usage = "emailProtection"}, BAD("purpose")},
    {"for anything", .leaf = {.extended_usage = "anyExtendedKeyUsage"},
     BAD("purpose")},
    {"by one for clients", .middles = {&client_middle}, BAD("purpose")},
    {"something critical", .leaf = {.critical = true}, BAD("purpose")},
    {"something critical between", .middles = {&critical_middle},
     BAD("purpose")},

    {"RSA-1024", .leaf = {.key = "RSA-1024"}, BAD("weak")},
    {"by RSA-1024", .middles = {&small_middle}, BAD("weak")},
    {"by P-192", .middles = {&narrow_middle}, BAD("weak")},
    {"SHA-1", .leaf = {.digest = "SHA1"}, BAD("weak")},
    {"SHA-1 between", .middles = {&sha1_middle}, BAD("weak")},

    {"altered", .leaf = {.altered = true}, BAD("bad signature")},
    {"altered between", .middles = {&altered_middle}, BAD("bad signature")},
    {"of a namesake", .issuer = SERVER_NAMESAKE, BAD("bad signature")},
    {"without its key", .impostor = true, BAD("bad signature")},
    {"RSA without its key", .leaf = {.key = "RSA-2048"}, .impostor = true,
     BAD("bad signature")},

    {"stapled: revoked", .status = SERVER_REVOKED, BAD("status")},
    {"stapled: revoked, by one between", .middles = {&middle},
     .status = SERVER_REVOKED, BAD("status")},
    {"stapled: unknown", .status = SERVER_UNKNOWN, BAD("status")},
    {"stapled: out of date", .status = SERVER_STALE, BAD("status")},
    {"stapled: not begun", .status = SERVER_EARLY, BAD("status")},
    {"stapled: by a stranger", .status = SERVER_FORGED, BAD("status")},
    {"stapled: by another server", .status = SERVER_UNENTITLED, BAD("status")},
    {"stapled: another's", .status = SERVER_ANOTHERS, BAD("status")},
    {"stapled: a failure", .status = SERVER_TRY_LATER, BAD("status")},
    {"stapled: garbage", .status = SERVER_GARBAGE, BAD("status")},
    {"must be stapled, and is not", MUST_STAPLE, BAD("status")},
    {"must be stapled, and is revoked", MUST_STAPLE, .status = SERVER_REVOKED,
     BAD("status")},
    {"in a list", .crls = {{CRL_REVOKES, 0}}, REVOKED("authority")},
    {"in a list, in DER", .crls = {{CRL_REVOKES, 0}}, .form = CRL_AS_DER,
     REVOKED("authority")},
    {"in a list for a while", .crls = {{CRL_HOLDS, 0}}, REVOKED("authority")},
    {"in the newer list", .crls = {{CRL_REVOKES, 0}, {CRL_GOOD, 0}},
     REVOKED("authority")},
    {"in the newer list behind", .crls = {{CRL_GOOD, 0}, {CRL_REVOKES, 0}},
     REVOKED("authority")},
    {"in a list of one between", .middles = {&listing},
     .crls = {{CRL_GOOD, 1}, {CRL_REVOKES, 0}}, REVOKED("middle")},
    {"one between is in a list", .middles = {&listing},
     .crls = {{CRL_REVOKES, 1}, {CRL_GOOD, 0}}, REVOKED("authority")},
    {"one of two between is in a list", .middles = {&second_listing, &listing},
     .crls = {{CRL_GOOD, 0}, {CRL_GOOD, 1}, {CRL_REVOKES, 2}},
     REVOKED("authority")},
    {"in a list, and stapled: good", .crls = {{CRL_REVOKES, 0}},
     .status = SERVER_GOOD, REVOKED("authority")},
    {"in no list, and stapled: revoked", .crls = {{CRL_GOOD, 0}},
     .status = SERVER_REVOKED, BAD("status")},
    {"of a stranger, in no list", .crls = {{CRL_GOOD, 0}},
     .issuer = SERVER_STRANGER, UNTRUSTED},

    {"its issuer has no list", .middles = {&listing}, .crls = {{CRL_GOOD, 1}},
     NO_LIST("unable to get certificate CRL (issuer CN=middle)")},
    /* The leaf's alone is what OpenSSL looks at for CRL_CHECK without _ALL. */
    {"the issuer of one between has no list", .middles = {&listing},
     .crls = {{CRL_GOOD, 0}},
     NO_LIST("unable to get certificate CRL (issuer CN=authority)")},
    {"its list has ended", .crls = {{CRL_ENDED, 0}},
     NO_LIST("CRL has expired (issuer CN=authority)")},
    {"the list of one between has ended", .middles = {&listing},
     .crls = {{CRL_ENDED, 1}, {CRL_GOOD, 0}}, NO_LIST("CRL has expired")},
    {"its list has not begun", .crls = {{CRL_EARLY, 0}},
     NO_LIST("CRL is not yet valid (issuer CN=authority)")},
    {"its list is altered", .crls = {{CRL_ALTERED, 0}},
     NO_LIST("CRL signature failure (issuer CN=authority)")},
    {"its list is a stranger's", .crls = {{CRL_FORGED, 0}},
     NO_LIST("CRL signature failure")},
    {"its list says something critical", .crls = {{CRL_CRITICAL, 0}},
     NO_LIST("unhandled critical CRL extension")},
    {"its list is for authorities", .crls = {{CRL_FOR_AUTHORITIES, 0}},
     NO_LIST("different CRL scope")},
    {"its list is indirect", .crls = {{CRL_INDIRECT, 0}},
     NO_LIST("unable to get certificate CRL")},
    {"its issuer may not revoke", .middles = {&middle},
     .crls = {{CRL_GOOD, 1}, {CRL_GOOD, 0}}, NO_LIST("key usage")},

    /* OpenSSL passes over what a delta CRL says. */
    {"in no list, and a delta beside", .crls = {{CRL_GOOD, 0}, {CRL_DELTA, 0}},
     NO_FILE("a delta CRL")},
    {"its list has no end", .crls = {{CRL_ENDLESS, 0}},
     NO_FILE("no nextUpdate")},
    {"its list, and one cut off", .crls = {{CRL_GOOD, 0}}, .form = CRL_AS_CUT,
     NO_FILE("malformed")},
    {"a file without lists", .form = CRL_AS_WORDS, NO_FILE("holds no CRL")},
    {.name = NULL},
};
