/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The errors of the whole project, named by what the operator must act on.
 *
 * Functions return an enum ks_err, hand it on unchanged, and put the native
 * cause (errno, CK_RV, OpenSSL) into a struct err_cause once, where it was
 * seen.  Only agent/ prints: one failure, one line, phrase: cause; remedy.
 */
#ifndef KEYSTORE_BASE_ERR_H
#define KEYSTORE_BASE_ERR_H

#include <stdint.h>

/* X(code, exit status as in sysexits.h, phrase, what to do about it) */
#define ERR_LIST(X)                                                            \
    X(KS_OK, 0, "done", "")                                                    \
    X(KS_ERR_UNWIPED, 10, "registered, but the credential file is not wiped",  \
      "when that is mended, the same command again finishes the wipe")         \
    X(KS_ERR_RESIDUE, 11, "wiped, but a copy may remain on the medium",        \
      "download a newer credential: it makes this one worthless")              \
    X(KS_ERR_USAGE, 64, "wrong usage", "see 'holdfast --help'")                \
    X(KS_ERR_CRED_FORMAT, 65, "not a usable vault credentials file",           \
      "download it again from the vault's page, unopened and unedited; if "    \
      "that does not help, tell the vault's operator")                         \
    X(KS_ERR_CRED_GENERATION, 65, "not a current backup credentials file",     \
      "download a credentials file of a Recovery Services vault for backup")   \
    X(KS_ERR_CRED_UNUSABLE, 65,                                                \
      "the file's key or certificate cannot be used here",                     \
      "tell the vault's operator: another download would be made the same "    \
      "way")                                                                   \
    X(KS_ERR_CRED_NO_KEY, 65, "the certificate comes without a private key",   \
      "download the file from the portal instead of building it")              \
    X(KS_ERR_CRED_PASSWORD, 65, "the key in the file is locked by a password", \
      "download the file again: a vault's own files have no password")         \
    X(KS_ERR_CRED_MISMATCH, 65, "the file's key and certificate do not match", \
      "download it again from the vault's page; if that does not help, tell "  \
      "the vault's operator")                                                  \
    X(KS_ERR_CRED_WEAK, 65, "the file's key is too weak or of a foreign kind", \
      "use a credential with RSA of 2048 to 4096 bits, P-256 or P-384")        \
    X(KS_ERR_CRED_EXPIRED, 65, "the credential has expired",                   \
      "download a new one and use it within its validity")                     \
    X(KS_ERR_CRED_NOT_YET, 65, "the credential is not valid yet",              \
      "check this machine's clock; if that is right, wait until then")         \
    X(KS_ERR_CRED_HOST, 65, "the file names a host that is not allowed",       \
      "if it is your vault's, allow it with --vault-host HOST[:PORT]")         \
    X(KS_ERR_CRED_VAULT, 65, "the file is for another vault",                  \
      "check which vault you downloaded it from")                              \
    X(KS_ERR_PASSPHRASE, 65, "this passphrase cannot be used",                 \
      "give another, as 'holdfast passphrase generate' makes them")            \
    X(KS_ERR_PASSPHRASE_WRONG, 65,                                             \
      "this passphrase does not open the backups",                             \
      "give the one that the first backup was made with")                      \
    X(KS_ERR_PASSPHRASE_NEEDED, 78, "the backup needs a passphrase",           \
      "give it with --passphrase-file")                                        \
    X(KS_ERR_RESTIC, 69, "restic failed", "")                                  \
    X(KS_ERR_PARTIAL, 12, "some files could not be read",                      \
      "what restic wrote names them; the others are in the snapshot")          \
    X(KS_ERR_FILE_MISSING, 66, "no such file", "check the path")               \
    X(KS_ERR_FILE_KIND, 66, "not a plain file of its own",                     \
      "give the downloaded file itself, by its real path")                     \
    X(KS_ERR_SOURCE, 66, "a path to back up is not there",                     \
      "check its spelling, and that its file system is mounted; nothing was "  \
      "backed up")                                                             \
    X(KS_ERR_REPOSITORY, 66, "this machine has no backups in the vault",       \
      "'holdfast backup' begins them; those of an earlier machine come with "  \
      "a file from Replace on that machine's page in the portal")              \
    X(KS_ERR_SNAPSHOT, 66, "no such snapshot", "see 'holdfast snapshots'")     \
    X(KS_ERR_ISSUERS, 66, "not a file of issuers",                             \
      "give --ca-file the issuers of the vault's server as PEM")               \
    X(KS_ERR_CRL, 66, "the revocation lists are not usable",                   \
      "give --crl-file the current CRLs of the server's issuers")              \
    X(KS_ERR_NET, 69, "the vault cannot be reached",                           \
      "check the connection and try again")                                    \
    X(KS_ERR_NET_TRUST, 69, "the vault's server could not be authenticated",   \
      "give its issuer with --ca-file")                                        \
    X(KS_ERR_NET_NAME, 69,                                                     \
      "the vault's server has a certificate for another name",                 \
      "check the vault's host; its operator has to put that into "             \
      "subjectAltName")                                                        \
    X(KS_ERR_NET_DATE, 69,                                                     \
      "the certificate of the vault's server is out of date",                  \
      "check this machine's clock; if that is right, the vault's operator "    \
      "has to renew it")                                                       \
    X(KS_ERR_NET_CERTIFICATE, 69,                                              \
      "the certificate of the vault's server cannot be accepted",              \
      "tell the vault's operator, and do not go on before it is mended")       \
    X(KS_ERR_NET_CRL, 69,                                                      \
      "the revocation lists do not cover the vault's server",                  \
      "check this machine's clock, and put the current CRL of each issuer "    \
      "in its chain into the file of --crl-file")                              \
    X(KS_ERR_NET_PROXY, 69, "the proxy does not let this machine through",     \
      "check --proxy, or have the proxy let it through without a password")    \
    X(KS_ERR_VAULT_FAILED, 69, "the vault's server has failed",                \
      "try again later; if it stays, tell the vault's operator")               \
    X(KS_ERR_NET_CLOSED, 69, "the vault's server ends too many connections",   \
      "try again; if it stays, have its operator keep connections open")       \
    X(KS_ERR_NET_REPLY, 69, "the vault's reply makes no sense",                \
      "try again; if it stays, tell the vault's operator")                     \
    X(KS_ERR_INTERNAL, 70, "internal error", "please report this")             \
    X(KS_ERR_RESOURCES, 71, "the system has no more of what is needed",        \
      "end what uses it up, or raise its limit (ulimit, a service's "          \
      "MemoryMax= or TasksMax=), and try again")                               \
    X(KS_ERR_HELPER, 70, "a helper program failed",                            \
      "try again; if it stays, install Holdfast anew, or report this")         \
    X(KS_ERR_SANDBOX, 70, "a helper cannot be confined on this kernel",        \
      "use a kernel with seccomp and Landlock (Linux 5.13 or later), and "     \
      "have no container or service forbid them")                              \
    X(KS_ERR_KERNEL_CALL, 70, "Holdfast may not make a system call it needs",  \
      "have the filter allow it (a container's newer runtime or seccomp= "     \
      "profile, a service's SystemCallFilter=)")                               \
    X(KS_ERR_STATEMENT, 70, "holdfast-token refused to sign that",             \
      "it was asked for something it must not sign: please report this")       \
    X(KS_ERR_MEMORY_LOCK, 70, "memory for secrets cannot be locked",           \
      "raise the limit of locked memory (ulimit -l)")                          \
    X(KS_ERR_STATE_WRITE, 73, "the state cannot be written",                   \
      "check the state directory and its free space")                          \
    X(KS_ERR_STATE_BROKEN, 73, "the recorded state cannot be read",            \
      "restore it; or remove it, revoke the machine on the vault's page, "     \
      "and register again")                                                    \
    X(KS_ERR_STATE_NEWER, 73, "the recorded state is of a newer Holdfast",     \
      "use the Holdfast that wrote it, or one that is newer")                  \
    X(KS_ERR_WIPE, 74, "the credential file could not be wiped",               \
      "make the file and its directory writable, and run 'holdfast register' " \
      "again")                                                                 \
    X(KS_ERR_OUTPUT, 74, "the answer could not be written",                    \
      "it was done all the same: see 'holdfast status'")                       \
    X(KS_ERR_FILE_READ, 74, "the file cannot be read",                         \
      "check the path and the file system it is on")                           \
    X(KS_ERR_PASSPHRASE_FILE, 73, "the passphrase file cannot be made",        \
      "give the path of a new file, where you may write and there is room")    \
    X(KS_ERR_BUSY, 75, "busy: another holdfast is at work",                    \
      "wait until it has finished")                                            \
    X(KS_ERR_FILE_BUSY, 75, "another process has the credential file open",    \
      "close it there, then try again")                                        \
    X(KS_ERR_VAULT_REFUSED, 76, "the vault refused",                           \
      "look at the vault's page, or ask its operator")                         \
    X(KS_ERR_VAULT_CREDENTIAL, 76, "the vault takes this credential no more",  \
      "download a new one and register with it")                               \
    X(KS_ERR_MACHINE_ENDED, 76, "the machine's certificate has ended",         \
      "choose Replace on the machine's page in the portal; then 'holdfast "    \
      "unregister --offline', and register with that file: its data stays")    \
    X(KS_ERR_VAULT_FULL, 76, "the vault's space is used up",                   \
      "have the vault's owner raise its quota or delete data in the portal")   \
    X(KS_ERR_VAULT_POLICY, 76, "the vault wants proof of where the key lives", \
      "register a machine with a TPM 2.0 whose maker the vault's owner "       \
      "trusts, "                                                               \
      "or have the owner change the vault's policy")                           \
    X(KS_ERR_VAULT_EVIDENCE, 76, "the vault does not believe the TPM",         \
      "tell the vault's owner what the line says; --attest off registers "     \
      "without proof where the vault lets that")                               \
    X(KS_ERR_VAULT_DUPLICATE, 76, "this TPM is in the vault already",          \
      "replace the machine that the line names in the portal and register "    \
      "with that file, or revoke it there")                                    \
    X(KS_ERR_ATTEST_CHALLENGE, 76,                                             \
      "the vault's challenge is not for this TPM",                             \
      "try again; if that does not help, somebody on the way to the vault "    \
      "changes what is said: tell the vault's operator")                       \
    X(KS_ERR_VAULT_CLOCK, 76, "this machine's clock is not the vault's",       \
      "set this machine's clock right and try again")                          \
    X(KS_ERR_VAULT_FOREIGN, 76,                                                \
      "the vault sent a certificate that is not "                              \
      "ours",                                                                  \
      "do not retry before the vault's operator has looked at it")             \
    X(KS_ERR_FILE_EXPOSED, 77, "others can get at the credential file",        \
      "mend it, or better download a new credential into a private place")     \
    X(KS_ERR_STATE_EXPOSED, 77, "others can change the state directory",       \
      "give --state-dir a directory that you alone can change")                \
    X(KS_ERR_PERMISSION, 77, "permission denied", "run it as a user who may")  \
    X(KS_ERR_FILE_MEDIUM, 78, "this file system cannot be wiped honestly",     \
      "download to a local disk, or accept it with --allow-residue")           \
    X(KS_ERR_TOKEN_URI, 78, "the token URI is not usable",                     \
      "correct it: tpm2:device=/dev/tpmrm0 and pkcs11:token=NAME are such, "   \
      "see holdfast(8)")                                                       \
    X(KS_ERR_TOKEN_MODULE, 78, "the PKCS#11 module cannot be used",            \
      "check which file module-path or p11-kit's configuration names")         \
    X(KS_ERR_TOKEN_NETWORK, 78, "the PKCS#11 module has no network here",      \
      "have root allow it in /etc/holdfast/module-network, see holdfast(8)")   \
    X(KS_ERR_TOKEN_MISSING, 78, "no such token", "see 'holdfast token list'")  \
    X(KS_ERR_TOKEN_AMBIGUOUS, 78, "the URI names more than one token",         \
      "add serial=... from 'holdfast token list'")                             \
    X(KS_ERR_TOKEN_OTHER, 78, "this is not the token that was registered",     \
      "put the registered token back; of a TPM that was cleared or replaced "  \
      "'holdfast status' says the way back; if it is lost, 'holdfast "         \
      "unregister --offline --token-lost' and register again")                 \
    X(KS_ERR_TOKEN_EMULATED, 78, "this token is a software emulation",         \
      "for a test, say so with --allow-emulation")                             \
    X(KS_ERR_ATTEST, 78, "where the key lives cannot be proved",               \
      "use a TPM 2.0 with an endorsement key, or register with --attest off")  \
    X(KS_ERR_TOKEN_UNSUPPORTED, 78, "the token cannot do what is needed",      \
      "use another token, or its vendor's newer module or firmware")           \
    X(KS_ERR_TOKEN_WEAK, 78, "the token does not protect the key as asked",    \
      "use another token; nothing was kept on this one")                       \
    X(KS_ERR_TOKEN_FULL, 78, "the token has no room",                          \
      "remove what is no longer needed there")                                 \
    X(KS_ERR_TOKEN_FAILED, 78, "the token failed",                             \
      "see whether the token works with its own tool, then try again")         \
    X(KS_ERR_TPM_SRK, 78, "the TPM's storage root key is not to be trusted",   \
      "have one made at each opening: add ;root=transient to the token's "     \
      "URI, "                                                                  \
      "in place of another root=")                                             \
    X(KS_ERR_TPM_OWNER, 78, "the TPM's owner password is set",                 \
      "have its owner make the storage root key as in holdfast(8), A TPM, or " \
      "clear the password")                                                    \
    X(KS_ERR_TPM_SLOTS, 75, "the TPM has no free slot for a key",              \
      "end what uses it, or flush what was left: tpm2_flushcontext -t")        \
    X(KS_ERR_TPM_SESSIONS, 75, "the TPM has no free session",                  \
      "end what uses it, or flush what was left: tpm2_flushcontext -l")        \
    X(KS_ERR_TPM_BUSY, 75, "the TPM is busy with itself",                      \
      "try again in a minute")                                                 \
    X(KS_ERR_KEY_MISSING, 78, "the key is not on the token",                   \
      "register again with a new credential, after 'holdfast unregister "      \
      "--offline' if this machine was registered")                             \
    X(KS_ERR_KEY_OTHER, 78, "another key stands under this id on the token",   \
      "remove it there, or use another token")                                 \
    X(KS_ERR_PIN_NEEDED, 78, "the token needs a PIN",                          \
      "give it with --pin-file")                                               \
    X(KS_ERR_PIN_WRONG, 78, "the token refused the PIN",                       \
      "correct the PIN; nothing tries this one again")                         \
    X(KS_ERR_PIN_LOCKED, 78, "the token's PIN is locked or on its last try",   \
      "unlock it with the token's own tool")                                   \
    X(KS_ERR_NOT_REGISTERED, 78, "this machine is not registered",             \
      "see 'holdfast register --help'")                                        \
    X(KS_ERR_UNFINISHED, 78, "the registration is not finished",               \
      "run 'holdfast register' again")                                         \
    X(KS_ERR_REGISTERED, 78, "this machine is registered already",             \
      "see 'holdfast status'; 'holdfast unregister' comes first")

enum ks_err {
#define X(code, status, phrase, remedy) code,
    ERR_LIST(X)
#undef X
        KS_ERR__MAX
};

/* Every function that returns one must have its answer looked at. */
#define ERR_MUST_USE __attribute__((warn_unused_result))

/* The native cause of one failure, in words fit for a terminal. */
struct err_cause {
    char text[256];
};

/* Never NULL, also for a number that is no error of ours. */
const char *err_phrase(enum ks_err err);
const char *err_remedy(enum ks_err err);
const char *err_name(enum ks_err err);
int err_exit_status(enum ks_err err);

/* The text that stands behind CAUSE in a sentence: err_remedy(), or "" where
 * the cause ends with one of its own, after "; ", because it knows better what
 * helps.  KS_ERR_UNWIPED has both: mend that, then call the command again. */
const char *err_remedy_after(enum ks_err err, const struct err_cause *cause);

/* Return ERR after writing a cause as by printf(3), cut where it is too
 * long.  CAUSE may be NULL.  Never pass a secret or a value that came from a
 * credential's key material.  A "; " of FORMAT begins the remedy; one of the
 * arguments before it, which may be a path, a token's label or a vault's
 * sentence, becomes ", ", or the text behind it would pass for one. */
enum ks_err err_set(struct err_cause *cause, enum ks_err err,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of arguments that are causes, or words of ours: a remedy that they
 * have stays one.  What others wrote goes through err_quote() before. */
enum ks_err err_pass(struct err_cause *cause, enum ks_err err,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set(), of WHAT followed by ": " and the text of errno, or of the most
 * recent OpenSSL error, whose queue is emptied.  Where errno is a shortage of
 * memory or descriptors that is what has failed: KS_ERR_RESOURCES. */
enum ks_err err_set_errno(struct err_cause *cause, enum ks_err err,
                          const char *what);
enum ks_err err_set_openssl(struct err_cause *cause, enum ks_err err,
                            const char *what);

/* Replace all but printable ASCII (a peer's text may hold terminal commands)
 * by '?', in place. */
void err_escape(char *text);

/* The same, and "; " becomes ", ", as err_set() has it of its arguments. */
void err_quote(char *text);

/* CAUSE without a remedy of its own, for one who knows a better. */
void err_cut_remedy(struct err_cause *cause);

#endif
