/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may say what to whom: every message between the programs, by channel.
 *
 * A channel carries a permission.  Each request is answered by exactly one
 * CHANNEL_DONE with the fields named here, or CHANNEL_FAILED {number: enum
 * ks_err, text: cause}.  Anything else, and EOF, ends the helper.
 */
#ifndef AGENT_IPC_CHANNEL_H
#define AGENT_IPC_CHANNEL_H

#include "agent/ipc/msg.h"

/* Descriptors that a helper may find open; which ones is in
 * agent/holdfast/helper.c. */
enum channel_fd {
    CHANNEL_FD_CONTROL = 3, /* the program that started it */
    CHANNEL_FD_NET,         /* between holdfast-token and holdfast-net */
    CHANNEL_FD_INPUT,       /* credential file, CA file, or source of a PIN */
    CHANNEL_FD_KEYS,        /* the state's keys/ directory */
    CHANNEL_FD_MATERIAL,    /* memfd for the private key */
    CHANNEL_FD_PIN,         /* memfd for the PIN */
    CHANNEL_FD_STREAM_IN,   /* another program's bytes for the vault */
    CHANNEL_FD_STREAM_OUT,  /* and the vault's for it */
    CHANNEL_FD_CRL,         /* file of certificate revocation lists */
    CHANNEL_FD__END
};

enum channel_message {
    CHANNEL_STOP = 0,
    CHANNEL_DONE,
    CHANNEL_FAILED,

    /* control channel of holdfast-credential */
    CREDENTIAL_PARSE,  /* -> bytes certificate, text per credential_field, bytes
                          SHA-256 of the file; key in CHANNEL_FD_MATERIAL */
    CREDENTIAL_DIGEST, /* -> bytes SHA-256 of the file, bytes that of where a
                          wipe's mark would be */

    /* control channel of holdfast-token */
    TOKEN_RESOLVE,  /* text uri -> text scheme, module-path, module-name,
                       token, manufacturer, model, serial; nothing is opened */
    TOKEN_LOOK,     /* text uri of a TPM -> text maker, model, firmware, key
                       types, serial of its storage root key, number emulated,
                       owner password, locked, failures, most failures,
                       interval; nothing is changed */
    TOKEN_READ_PIN, /* text prompt -> (nothing); from CHANNEL_FD_INPUT into
                       CHANNEL_FD_PIN */
    TOKEN_READ_PASSPHRASE, /* text prompt, number is new -> (nothing); as
                              TOKEN_READ_PIN */
    TOKEN_MAKE_PASSPHRASE, /* -> (nothing); a new one into CHANNEL_FD_PIN */
    TOKEN_OPEN,     /* number phase, text uri, text serial ("" any), text module
                       ("" the URI's), number allow emulation -> info: text
                       scheme, number emulated, text label, maker, model,
                       serial, module, number storage root key unverified */
    TOKEN_IMPORT,   /* bytes id, text label, bytes certificate -> key info,
                       number enum keystore_way */
    TOKEN_BIND,     /* number identity, bytes id, bytes certificate or SPKI ->
                       key info: number type, bits, origin, extractable,
                       sensitive, sign only */
    TOKEN_PLAN,     /* text client id, token endpoint, resource, vault, number
                       scheme, bytes SPKI hash of the machine key or none ->
                       (nothing) */
    TOKEN_PROVE,    /* number identity, bytes nonce -> number scheme, bytes
                       signature */
    TOKEN_GENERATE, /* bytes id, text label -> bytes SPKI; binds MACHINE */
    TOKEN_REQUEST,  /* -> bytes PKCS#10 */
    TOKEN_ENROL,    /* text nonce -> text enrolment proof */
    TOKEN_RECEIPT,  /* text vault, vault name, machine, number registered at,
                       bytes SHA-256 of the credential file, of its certificate,
                       number wiped at, text wipe outcome -> text JWS */
    TOKEN_REMOVE,   /* bytes id -> (nothing) */

    /* net channel: holdfast-net asks, holdfast-token signs */
    SIGN_HANDSHAKE, /* number identity, number TLS SignatureScheme, bytes
                       CertificateVerify content -> bytes signature */
    SIGN_ASSERTION, /* number identity, text audience -> text JWT */

    /* control channel of holdfast-net */
    NET_CONNECT,     /* number identity, bytes certificate, text authority,
                        tenant, token endpoint, client id, audience, endpoint,
                        vault, proxy ("" none), hosts without it -> (nothing)
                      */
    NET_TOKEN,       /* M1 and M2 -> (nothing) */
    NET_NONCE,       /* M3; text name -> text nonce */
    NET_AUTHORITIES, /* M4; -> number count, bytes certificate each */
    NET_ENROL,       /* M4; bytes PKCS#10, text proof -> bytes certificate */
    NET_SELF,        /* M5; -> text machine, name, vault, vault name */
    NET_LEAVE,       /* M5; -> (nothing) */
    NET_STREAM,      /* M7; connect -> (nothing) */
    NET_RELAY, /* M7; -> (nothing) when the other program has ended; between
                  CHANNEL_FD_STREAM_IN, _OUT and that connection */

    /* control channel of holdfast-inspect */
    INSPECT_LIST, /* text module -> number count, per token: text slot, label,
                     manufacturer, model, serial, number flags, number
                     certificates */
    CHANNEL__MAX
};

/* What INSPECT_LIST says of a token. */
enum channel_token_flag {
    CHANNEL_TOKEN_INITIALISED = 1 << 0,
    CHANNEL_TOKEN_LOGIN_REQUIRED = 1 << 1,
    CHANNEL_TOKEN_PIN_SET = 1 << 2,
    CHANNEL_TOKEN_OWN_PIN_PAD = 1 << 3,
    CHANNEL_TOKEN_PIN_COUNT_LOW = 1 << 4,
    CHANNEL_TOKEN_PIN_FINAL_TRY = 1 << 5,
    CHANNEL_TOKEN_PIN_LOCKED = 1 << 6,
    CHANNEL_TOKEN_READ_ONLY = 1 << 7,
    CHANNEL_TOKEN_UNWRAPS = 1 << 8,  /* offers to take keys wrapped */
    CHANNEL_TOKEN_HARDWARE = 1 << 9, /* says that it is, and signs there */
    CHANNEL_TOKEN_OF_TPM = 1 << 10,  /* a TPM, by way of tpm2-pkcs11 */
};

/* Receive the answer to a request sent with msg_send(), into MSG.
 * CHANNEL_FAILED comes back as the peer's error and cause (escaped). */
ERR_MUST_USE enum ks_err channel_answer(int channel, struct msg *msg,
                                        int timeout, struct err_cause *cause);

/* Send the request in MSG and receive its answer into the same MSG. */
ERR_MUST_USE enum ks_err channel_call(int channel, struct msg *msg, int timeout,
                                      struct err_cause *cause);

/* A helper's side: handle requests until the peer closes.  HANDLE gets the
 * request in MSG and leaves its answer there, begun with CHANNEL_DONE; an error
 * it returns is sent as CHANNEL_FAILED.  Returns at EOF or on a broken
 * channel. */
typedef enum ks_err channel_handler(void *context, struct msg *msg,
                                    struct err_cause *cause);
void channel_serve(int channel, channel_handler *handle, void *context);

/* For a helper that cannot start its work: channel_serve() that answers every
 * request with the reason.  One that went unread would take the answer to the
 * one before with it. */
void channel_refuse(int channel, enum ks_err err, struct err_cause *cause);

/* Whether the helper was given the descriptor FD. */
bool channel_has(enum channel_fd fd);

/* The largest file of issuers, in bytes. */
#define NET_ISSUERS_MAX (4 * 1024 * 1024)

/* The same of revocation lists, some 680,000 certificates: a second and 160 MiB
 * of memory to read. */
#define NET_CRLS_MAX (16 * 1024 * 1024)

/* Longest PIN, in bytes. */
#define PIN_MAX 256

/* The same for one request that has arrived on CHANNEL; false at the end. */
bool channel_serve_one(int channel, struct msg *msg, channel_handler *handle,
                       void *context);

#endif
