/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTPS server in a vault's place that answers M1 to M5 as it should, but
 * for one thing that its script says.  Shares no code with the product.
 */
#ifndef TESTS_PROGRAMS_HOSTILE_H
#define TESTS_PROGRAMS_HOSTILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum hostile_step {
    HOSTILE_DISCOVERY,
    HOSTILE_TOKEN,
    HOSTILE_EVIDENCE,
    HOSTILE_NONCE,
    HOSTILE_AUTHORITIES,
    HOSTILE_ENROL,
    HOSTILE_SELF,
    HOSTILE_LEAVE,
    HOSTILE__MAX,
    HOSTILE_EVERY = HOSTILE__MAX /* in a script: whatever is asked */
};

enum hostile_way {
    HOSTILE_NOT, /* it answers as it should */
    HOSTILE_REPLY,
    HOSTILE_CUT, /* the right reply, and the end after CUT bytes: TLS's, if it
                    CLOSES, else TCP's */
    HOSTILE_SILENT,   /* no answer, and no end */
    HOSTILE_SLOW,     /* a byte now and then */
    HOSTILE_BODY,     /* without an end */
    HOSTILE_HEADERS,  /* the same */
    HOSTILE_CONTINUE, /* 100 Continue, again and again */
    HOSTILE_FOREIGN   /* to a request for a certificate, its own */
};

enum hostile_identity {
    HOSTILE_TRUSTED,
    HOSTILE_UNTRUSTED, /* of another issuer */
    HOSTILE_ELSEWHERE, /* for another name */
    HOSTILE_OUTDATED,
    HOSTILE_IDENTITY__MAX
};

enum hostile_challenge {
    HOSTILE_CHALLENGE_NONE, /* as a vault that knows no attestation */
    HOSTILE_CHALLENGE_RIGHT,
    HOSTILE_CHALLENGE_OTHER, /* right for the EK and another AK */
    HOSTILE_CHALLENGE_TEXT,  /* no base64url */
    HOSTILE_CHALLENGE_ODD,   /* what tpm2-tools would not write */
    HOSTILE_CHALLENGE_LONG
};

/* What a server says that CLOSES, in each head. */
#define HOSTILE_CLOSE "Connection: close\r\n"

/* Shared with the server; to be changed between two requests. */
struct hostile_script {
    enum hostile_identity identity;
    bool tls12;      /* and no later version */
    bool closes;     /* the connection after each reply, and says so */
    bool asks_again; /* for the certificate, at each request */
    enum hostile_step step;
    enum hostile_way way;
    unsigned times; /* it goes that way, at each step; 0: always */
    size_t cut;
    char reply[4096];                 /* a whole one, with its head */
    enum hostile_challenge challenge; /* that an offer is answered with */

    char vault[64];                  /* of the machine enrolled last */
    char offer[32768];               /* body of the last request for a nonce */
    char given[32768];               /* of the last evidence */
    char proof[8192];                /* JWS of the last enrolment */
    atomic_uint handshakes;          /* until now */
    atomic_uint offered;             /* by clients that would sign again */
    atomic_uint asked[HOSTILE__MAX]; /* requests until now */
    atomic_size_t length[HOSTILE__MAX]; /* of the last right reply */
};

struct hostile {
    pid_t process;
    unsigned port;
    char ca_file[256]; /* of the issuer that HOSTILE_TRUSTED has */
    struct hostile_script *script;
};

/* Serve https://localhost:PORT (0: any), with files in DIRECTORY.  Fails the
 * test where it cannot. */
void hostile_start(struct hostile *hostile, const char *directory,
                   unsigned port);
void hostile_stop(struct hostile *hostile);

/* Forget the script but for the vault, and behave. */
void hostile_reset(struct hostile *hostile);

/* Go WAY at STEP from the next request on. */
void hostile_go(struct hostile *hostile, enum hostile_step step,
                enum hostile_way way);

/* Answer STEP with STATUS ("503 Service Unavailable"), further header lines
 * (each with its end, or "") and BODY. */
void hostile_reply(struct hostile *hostile, enum hostile_step step,
                   const char *status, const char *headers, const char *body);

#endif
