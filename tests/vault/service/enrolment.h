/* SPDX-License-Identifier: Apache-2.0 */
/* M3 and M4: from a token to a machine's certificate. */
#ifndef VAULT_ENROLMENT_H
#define VAULT_ENROLMENT_H

struct exchange;

/* POST {E}enrolments */
void enrolment_begin(struct exchange *exchange);

/* GET O/.well-known/est/V/cacerts (RFC 7030, 4.1) */
void enrolment_authorities(struct exchange *exchange);

/* GET O/.well-known/est/V/csrattrs (RFC 7030, 4.5) */
void enrolment_attributes(struct exchange *exchange);

/* POST O/.well-known/est/V/simpleenroll (RFC 7030, 4.2) */
void enrolment_enrol(struct exchange *exchange);

/* Every other operation of EST. */
void enrolment_unknown(struct exchange *exchange);

#endif
