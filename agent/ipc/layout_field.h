/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of every message, one list each, for agent/ipc/layout.h alone.  A
 * limit stands beside its field and is held by who writes and by who reads.
 *
 * F(kind, name, limit) is a field; of the kind
 *
 *   NUMBER       uint32_t, LIMIT at most
 *   TIME         uint64_t, seconds since the epoch, LIMIT at most
 *   FLAG         bool
 *   TEXT         const char *, LIMIT bytes without its NUL; NULL is put as ""
 *   BYTES        struct layout_bytes, LIMIT at most
 *   ARRAY        const uint8_t *, LIMIT of them
 *   CERTIFICATE  X509 *, whose DER has LIMIT bytes; who takes it frees it
 *   ROWS         NAME_count of struct layout_NAME NAME[LIMIT]
 */
#ifndef AGENT_IPC_LAYOUT_FIELD_H
#define AGENT_IPC_LAYOUT_FIELD_H

#define LAYOUT_ENUM 255       /* whoever reads it knows its values */
#define LAYOUT_FIELD_MAX 1023 /* a credential's field, or made of them */
#define LAYOUT_URI_MAX 4095   /* a token's */
#define LAYOUT_PATH_MAX 4095  /* PATH_MAX without its NUL */
#define LAYOUT_JWS_MAX 8191   /* JWS_MAX without its NUL */
#define LAYOUT_NONCE_MAX 128  /* the vault's */
#define LAYOUT_NONCE 32       /* STATEMENT_NONCE_LENGTH */
#define LAYOUT_NAME_MAX 200   /* of a machine, as the vault has it */
#define LAYOUT_SERIAL_MAX 64  /* KEYSTORE_SERIAL_SIZE without its NUL */
#define LAYOUT_MODULE_MAX 255 /* path of a module that is in use */
#define LAYOUT_PROMPT_MAX 127
#define LAYOUT_LABEL_MAX 63      /* of a key */
#define LAYOUT_ID 16             /* KEYSTORE_ID_LENGTH */
#define LAYOUT_HASH 32           /* SHA-256 */
#define LAYOUT_PUBLIC_MAX 1024   /* SubjectPublicKeyInfo; RSA-4096 has 550 */
#define LAYOUT_SIGNATURE_MAX 512 /* KEYSTORE_SIGNATURE_MAX */
#define LAYOUT_REQUEST_MAX 2048  /* CERTIFICATE_REQUEST_MAX */
#define LAYOUT_CERTIFICATE_MAX 32768 /* CREDENTIAL_CERTIFICATE_MAX */
#define LAYOUT_FIELDS 15             /* CREDENTIAL__MAX */
/* Offer and evidence as JSON (docs/attestation.md): of the largest areas and
 * certificates of keystore/store/evidence.h in base64, 16 KiB. */
#define LAYOUT_EVIDENCE_MAX 24576
#define LAYOUT_CHALLENGE_MAX 1024 /* EVIDENCE_CHALLENGE_MAX */
#define LAYOUT_EK_MAX 2048        /* EVIDENCE_CERTIFICATE_MAX */
#define LAYOUT_EK_CHAIN_MAX 8192  /* EVIDENCE_CHAIN_MAX */
#define LAYOUT_ENDORSEMENTS_MAX 3
#define LAYOUT_INTERMEDIATES_MAX 8
#define LAYOUT_DN_MAX 255 /* a distinguished name, cut where it is longer */
/* As many as fit into MSG_BODY_MAX where each is of the longest. */
#define LAYOUT_AUTHORITIES_MAX 8
#define LAYOUT_AUTHORITY_MAX 6000
#define LAYOUT_TOKENS_MAX 224

/* Any answer: why there is none. */
#define LAYOUT_CHANNEL_FAILED(F)                                               \
    F(NUMBER, err, KS_ERR__MAX - 1) F(TEXT, cause, sizeof(struct err_cause) - 1)

/* The credential's texts, in the order of enum credential_field. */
#define LAYOUT_FIELD(F) F(TEXT, text, LAYOUT_FIELD_MAX)
#define LAYOUT_CREDENTIAL_PARSE_ANSWER(F)                                      \
    F(CERTIFICATE, certificate, LAYOUT_CERTIFICATE_MAX)                        \
    F(ROWS, field, LAYOUT_FIELDS)                                              \
    F(ARRAY, sha256, LAYOUT_HASH) /* of the file */

/* SHA-256 of the file, and of where a wipe's mark would be. */
#define LAYOUT_CREDENTIAL_DIGEST_ANSWER(F)                                     \
    F(ARRAY, whole, LAYOUT_HASH) F(ARRAY, mark, LAYOUT_HASH)

#define LAYOUT_TOKEN_RESOLVE(F) F(TEXT, uri, LAYOUT_URI_MAX)
/* The URI's word on the token in a module; "" where it has none. */
#define LAYOUT_NAMED(F)                                                        \
    F(TEXT, module, LAYOUT_MODULE_MAX)                                         \
    F(TEXT, module_name, 63)                                                   \
    F(TEXT, label, 32)                                                         \
    F(TEXT, maker, 32)                                                         \
    F(TEXT, model, 16)                                                         \
    F(TEXT, serial, 16)
#define LAYOUT_TOKEN_RESOLVE_ANSWER(F) F(TEXT, scheme, 7) LAYOUT_NAMED(F)

/* SERIAL: the recorded storage root key's, which the TPM is to make again where
 * another one stands there or none; "": it is not compared. */
#define LAYOUT_TOKEN_LOOK(F)                                                   \
    F(TEXT, uri, LAYOUT_URI_MAX) F(TEXT, serial, LAYOUT_SERIAL_MAX)
#define LAYOUT_TOKEN_LOOK_ANSWER(F)                                            \
    F(TEXT, maker, 32)                                                         \
    F(TEXT, model, 16)                                                         \
    F(TEXT, firmware, 23)                                                      \
    F(TEXT, key_types, 63)                                                     \
    F(TEXT, srk, LAYOUT_SERIAL_MAX) /* hash of what stands there, or "" */     \
    F(NUMBER, standing, LAYOUT_ENUM)                                           \
    F(NUMBER, sameness, LAYOUT_ENUM) /* with SERIAL's */                       \
    F(FLAG, emulated, 1)                                                       \
    F(FLAG, owner_password, 1)                                                 \
    F(FLAG, locked, 1)                                                         \
    F(NUMBER, failures, UINT32_MAX)     /* wrong authorisation values */       \
    F(NUMBER, failures_max, UINT32_MAX) /* then it locks */                    \
    F(NUMBER, interval, UINT32_MAX)     /* seconds until one is forgotten */

/* The endorsement keys of a TPM; OFFERED is the one that register offers.  The
 * words on a certificate are of holdfast-token, where a fault of the parser
 * does the least harm; not READABLE: OpenSSL does not parse it, as where it is
 * no strict DER. */
#define LAYOUT_TOKEN_ENDORSEMENT(F) F(TEXT, uri, LAYOUT_URI_MAX)
#define LAYOUT_CERTIFICATE_WORDS(F)                                            \
    F(TEXT, subject, LAYOUT_DN_MAX)                                            \
    F(TEXT, issuer, LAYOUT_DN_MAX)                                             \
    F(TIME, from, INT64_MAX)                                                   \
    F(TIME, to, INT64_MAX)
#define LAYOUT_ENDORSEMENT(F)                                                  \
    F(TEXT, algorithm, 15)                                                     \
    F(ARRAY, sha256, LAYOUT_HASH)                                              \
    F(BYTES, certificate, LAYOUT_EK_MAX) /* as in NV; none: empty */           \
    F(FLAG, offered, 1)                                                        \
    F(FLAG, readable, 1)                                                       \
    LAYOUT_CERTIFICATE_WORDS(F)
#define LAYOUT_INTERMEDIATE(F) LAYOUT_CERTIFICATE_WORDS(F)
#define LAYOUT_TOKEN_ENDORSEMENT_ANSWER(F)                                     \
    F(TEXT, maker, 32)                                                         \
    F(TEXT, model, 16)                                                         \
    F(TEXT, firmware, 23)                                                      \
    F(FLAG, emulated, 1)                                                       \
    F(BYTES, chain, LAYOUT_EK_CHAIN_MAX)                                       \
    F(ROWS, intermediate, LAYOUT_INTERMEDIATES_MAX) /* of the chain */         \
    F(ROWS, endorsement, LAYOUT_ENDORSEMENTS_MAX)

#define LAYOUT_TOKEN_READ_PIN(F) F(TEXT, prompt, LAYOUT_PROMPT_MAX)
#define LAYOUT_TOKEN_READ_PASSPHRASE(F)                                        \
    F(TEXT, prompt, LAYOUT_PROMPT_MAX) F(FLAG, new, 1)

#define LAYOUT_TOKEN_OPEN(F)                                                   \
    F(NUMBER, phase, LAYOUT_ENUM)                                              \
    F(TEXT, uri, LAYOUT_URI_MAX)                                               \
    F(TEXT, serial, LAYOUT_SERIAL_MAX) /* "" any */                            \
    F(TEXT, module, LAYOUT_MODULE_MAX) /* "" the URI's */                      \
    F(FLAG, allow_emulation, 1)
/* As struct keystore_info has it. */
#define LAYOUT_STORE(F)                                                        \
    F(FLAG, emulated, 1)                                                       \
    F(TEXT, label, 32)                                                         \
    F(TEXT, maker, 32)                                                         \
    F(TEXT, model, 16)                                                         \
    F(TEXT, serial, LAYOUT_SERIAL_MAX)                                         \
    F(TEXT, module, LAYOUT_MODULE_MAX)                                         \
    F(FLAG, srk_unverified, 1)                                                 \
    F(TEXT, root, 10)                                                          \
    F(TEXT, firmware, 23)
#define LAYOUT_TOKEN_OPEN_ANSWER(F) F(TEXT, scheme, 7) LAYOUT_STORE(F)

#define LAYOUT_TOKEN_IMPORT(F)                                                 \
    F(ARRAY, id, LAYOUT_ID)                                                    \
    F(TEXT, label, LAYOUT_LABEL_MAX)                                           \
    F(CERTIFICATE, certificate, LAYOUT_CERTIFICATE_MAX)
#define LAYOUT_TOKEN_IMPORT_ANSWER(F) F(NUMBER, way, LAYOUT_ENUM)

#define LAYOUT_TOKEN_BIND_CREDENTIAL(F)                                        \
    F(ARRAY, id, LAYOUT_ID) F(CERTIFICATE, certificate, LAYOUT_CERTIFICATE_MAX)
#define LAYOUT_TOKEN_BIND_MACHINE(F)                                           \
    F(ARRAY, id, LAYOUT_ID) F(BYTES, public, LAYOUT_PUBLIC_MAX)

#define LAYOUT_TOKEN_PLAN(F)                                                   \
    F(TEXT, client_id, LAYOUT_FIELD_MAX)                                       \
    F(TEXT, token_endpoint, LAYOUT_FIELD_MAX)                                  \
    F(TEXT, resource, LAYOUT_FIELD_MAX)                                        \
    F(TEXT, vault, LAYOUT_FIELD_MAX)                                           \
    F(NUMBER, scheme, LAYOUT_ENUM)                                             \
    F(BYTES, machine_key, LAYOUT_HASH) /* of its public half, or none */       \
    F(NUMBER, attest, LAYOUT_ENUM)     /* enum attestation_mode */

#define LAYOUT_TOKEN_PROVE(F)                                                  \
    F(NUMBER, identity, LAYOUT_ENUM) F(ARRAY, nonce, LAYOUT_NONCE)
#define LAYOUT_TOKEN_PROVE_ANSWER(F)                                           \
    F(NUMBER, scheme, LAYOUT_ENUM) F(BYTES, signature, LAYOUT_SIGNATURE_MAX)

#define LAYOUT_TOKEN_GENERATE(F)                                               \
    F(ARRAY, id, LAYOUT_ID) F(TEXT, label, LAYOUT_LABEL_MAX)
#define LAYOUT_TOKEN_GENERATE_ANSWER(F) F(BYTES, public, LAYOUT_PUBLIC_MAX)

#define LAYOUT_TOKEN_REQUEST_ANSWER(F) F(BYTES, request, LAYOUT_REQUEST_MAX)

/* PCRS: one bit each that will be quoted.  ENDORSEMENT: SHA-256 of the EK's
 * SubjectPublicKeyInfo. */
#define LAYOUT_TOKEN_ATTEST(F) F(NUMBER, pcrs, 0xffffff)
#define LAYOUT_TOKEN_ATTEST_ANSWER(F)                                          \
    F(TEXT, offer, LAYOUT_EVIDENCE_MAX) F(ARRAY, endorsement, LAYOUT_HASH)
/* VAULT, CERTIFICATE: in a run of the machine its vault and the hash of its
 * certificate; empty in the credential's, which has both. */
#define LAYOUT_TOKEN_EVIDENCE(F)                                               \
    F(TEXT, nonce, LAYOUT_NONCE_MAX)                                           \
    F(BYTES, challenge, LAYOUT_CHALLENGE_MAX)                                  \
    F(TEXT, vault, LAYOUT_FIELD_MAX)                                           \
    F(BYTES, certificate, LAYOUT_HASH)
#define LAYOUT_TOKEN_EVIDENCE_ANSWER(F) F(TEXT, evidence, LAYOUT_EVIDENCE_MAX)

#define LAYOUT_TOKEN_ENROL(F) F(TEXT, nonce, LAYOUT_NONCE_MAX)
#define LAYOUT_TOKEN_ENROL_ANSWER(F) F(TEXT, proof, LAYOUT_JWS_MAX)

#define LAYOUT_TOKEN_RECEIPT(F)                                                \
    F(TEXT, vault, LAYOUT_FIELD_MAX)                                           \
    F(TEXT, vault_name, LAYOUT_FIELD_MAX)                                      \
    F(TEXT, machine, LAYOUT_NAME_MAX)                                          \
    F(TIME, registered_at, INT64_MAX)                                          \
    F(ARRAY, file_sha256, LAYOUT_HASH)                                         \
    F(ARRAY, certificate_sha256, LAYOUT_HASH) /* the credential's */           \
    F(TIME, wiped_at, INT64_MAX)                                               \
    F(TEXT, wipe_outcome, 63)                                                  \
    F(TEXT, proof, 15)                                                         \
    F(BYTES, ek_sha256, LAYOUT_HASH) /* none: empty */
#define LAYOUT_TOKEN_RECEIPT_ANSWER(F) F(TEXT, receipt, LAYOUT_JWS_MAX)

#define LAYOUT_TOKEN_REMOVE(F) F(ARRAY, id, LAYOUT_ID)

/* A TLS SignatureScheme, and the content of a CertificateVerify. */
#define LAYOUT_SIGN_HANDSHAKE(F)                                               \
    F(NUMBER, identity, LAYOUT_ENUM)                                           \
    F(NUMBER, scheme, UINT16_MAX)                                              \
    F(BYTES, content, 256)
#define LAYOUT_SIGN_HANDSHAKE_ANSWER(F)                                        \
    F(BYTES, signature, LAYOUT_SIGNATURE_MAX)

#define LAYOUT_SIGN_ASSERTION(F)                                               \
    F(NUMBER, identity, LAYOUT_ENUM) F(TEXT, audience, LAYOUT_FIELD_MAX)
#define LAYOUT_SIGN_ASSERTION_ANSWER(F) F(TEXT, assertion, LAYOUT_JWS_MAX)

/* Where to connect, and as whom: the one struct from the state to libcurl. */
#define LAYOUT_NET_CONNECT(F)                                                  \
    F(NUMBER, identity, LAYOUT_ENUM)                                           \
    F(BYTES, certificate, LAYOUT_CERTIFICATE_MAX) /* its DER */                \
    F(TEXT, authority, LAYOUT_FIELD_MAX)                                       \
    F(TEXT, tenant, LAYOUT_FIELD_MAX)                                          \
    F(TEXT, token_endpoint, LAYOUT_FIELD_MAX)                                  \
    F(TEXT, client_id, LAYOUT_FIELD_MAX)                                       \
    F(TEXT, audience, LAYOUT_FIELD_MAX)                                        \
    F(TEXT, endpoint, LAYOUT_FIELD_MAX)                                        \
    F(TEXT, vault, LAYOUT_FIELD_MAX)                                           \
    F(TEXT, proxy, LAYOUT_FIELD_MAX)        /* http://HOST:PORT; "" none */    \
    F(TEXT, proxy_except, LAYOUT_FIELD_MAX) /* as in no_proxy */               \
    F(FLAG, crls, 1)                        /* a file of them was handed over */

/* Without a name: for evidence that a registered machine gives anew. */
#define LAYOUT_NET_NONCE(F)                                                    \
    F(TEXT, name, 255) F(TEXT, offer, LAYOUT_EVIDENCE_MAX) /* none: "" */
#define LAYOUT_NET_NONCE_ANSWER(F)                                             \
    F(TEXT, nonce, LAYOUT_NONCE_MAX)                                           \
    F(BYTES, challenge, LAYOUT_CHALLENGE_MAX) /* none: empty */

#define LAYOUT_NET_EVIDENCE(F) F(TEXT, evidence, LAYOUT_EVIDENCE_MAX)
/* The vault's words of docs/attestation.md. */
#define LAYOUT_NET_EVIDENCE_ANSWER(F) F(TEXT, origin, 15) F(TEXT, proof, 15)

#define LAYOUT_AUTHORITY(F) F(CERTIFICATE, certificate, LAYOUT_AUTHORITY_MAX)
#define LAYOUT_NET_AUTHORITIES_ANSWER(F)                                       \
    F(ROWS, authority, LAYOUT_AUTHORITIES_MAX)

#define LAYOUT_NET_ENROL(F)                                                    \
    F(BYTES, request, LAYOUT_REQUEST_MAX) F(TEXT, proof, LAYOUT_JWS_MAX)
#define LAYOUT_NET_ENROL_ANSWER(F)                                             \
    F(CERTIFICATE, certificate, LAYOUT_CERTIFICATE_MAX)

#define LAYOUT_NET_SELF_ANSWER(F)                                              \
    F(TEXT, machine, LAYOUT_NAME_MAX)                                          \
    F(TEXT, name, LAYOUT_NAME_MAX)                                             \
    F(TEXT, vault, LAYOUT_NAME_MAX)

#define LAYOUT_INSPECT_LIST(F) F(TEXT, module, LAYOUT_PATH_MAX)
#define LAYOUT_TOKEN(F)                                                        \
    F(TEXT, slot, 64)                                                          \
    F(TEXT, label, 32)                                                         \
    F(TEXT, maker, 32)                                                         \
    F(TEXT, model, 16)                                                         \
    F(TEXT, serial, 16)                                                        \
    F(NUMBER, flags, UINT32_MAX) /* enum channel_token_flag */                 \
    F(NUMBER, certificates, UINT32_MAX)
#define LAYOUT_INSPECT_LIST_ANSWER(F) F(ROWS, token, LAYOUT_TOKENS_MAX)

#endif
