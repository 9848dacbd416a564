/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of the caller's say which configuration of the caller's counts; for
 * root they might be somebody else's, as after su(1). */
#include "agent/holdfast/session/module_places.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The user's directory of configurations, or "". */
static bool
find_users(char *ret, size_t size)
{
    const char *base = secure_getenv("XDG_CONFIG_HOME");
    const char *home = secure_getenv("HOME");
    int length = 0;

    *ret = '\0';
    if (geteuid() == 0)
        return true;
    if (base != NULL && *base == '/')
        length = snprintf(ret, size, "%s", base);
    else if (home != NULL && *home == '/')
        length = snprintf(ret, size, "%s/.config", home);
    return length >= 0 && (size_t)length < size;
}

enum ks_err
module_places(struct pkcs11_config_places *ret, struct err_cause *cause)
{
    char users[PKCS11_PATH_SIZE - sizeof "/pkcs11/pkcs11.conf"];

    *ret = (struct pkcs11_config_places){
        .system_file = P11_KIT_SYSTEM "/pkcs11.conf",
        .system_modules = P11_KIT_SYSTEM "/modules",
        .package_modules = P11_KIT_PACKAGE_MODULES,
        .libraries = P11_KIT_LIBRARIES};
    if (!find_users(users, sizeof users))
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "HOME or XDG_CONFIG_HOME is too long for p11-kit's "
                       "configuration; name the token's module with "
                       "module-path");
    if (*users == '\0')
        return KS_OK;
    (void)snprintf(ret->user_file, sizeof ret->user_file,
                   "%s/pkcs11/pkcs11.conf", users);
    (void)snprintf(ret->user_modules, sizeof ret->user_modules,
                   "%s/pkcs11/modules", users);
    return KS_OK;
}
