/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pkcs11/emulation.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const char *const makers[] = {
    "SoftHSM project",
    "Mozilla Foundation", /* NSS */
    "Kryoptic Project",
    "Gnome Keyring",
};

/* Words of an emulation's model begin like this, in small letters:
 * openCryptoki's "Soft" and "IBM SoftTok", "Software Only" of vendors'
 * toolkits, simulators and emulators, and the software TPMs' own string, which
 * tpm2-pkcs11 hands on. OpenSC's "PKCS#15 emulated" is a card whose files it
 * shows as PKCS#15. */
static const char *const words[] = {"soft", "simulat", "emulator", "sw   tpm"};

static bool
begins(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0;
}

static bool
has_word(const char *model)
{
    for (const char *at = model; *at != '\0'; at++) {
        if (at > model && isalnum((unsigned char)at[-1]) != 0)
            continue;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (begins(at, words[i]))
                return true;
    }
    return false;
}

bool
pkcs11_emulation_is(const char *maker, const char *model)
{
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (strcmp(maker, makers[i]) == 0)
            return true;
    return has_word(model);
}
