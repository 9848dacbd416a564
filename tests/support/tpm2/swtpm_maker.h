/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maker of emulated TPMs: swtpm's own swtpm_setup and swtpm_localca, with a
 * root CA and an issuing CA of the test's.
 */
#ifndef TESTS_SUPPORT_TPM2_SWTPM_MAKER_H
#define TESTS_SUPPORT_TPM2_SWTPM_MAKER_H

/* Files of a maker's directory, PEM: the root's certificate, and that of the
 * issuer of EK certificates, which the root has signed and no TPM keeps. */
#define SWTPM_MAKER_ROOT "swtpm-localca-rootca-cert.pem"
#define SWTPM_MAKER_ISSUER "issuercert.pem"

/* Have the maker in the directory MAKER manufacture a TPM: its state goes into
 * the directory STATE.  Both are absolute, and MAKER is made where it is
 * missing.  Returns 0 or -1. */
int swtpm_maker_run(const char *maker, const char *state);

#endif
