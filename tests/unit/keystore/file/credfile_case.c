/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/keystore/file/credfile_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keystore/file/credfile.h"
#include "tests/unit/keystore/file/place.h"

struct err_cause cause;

void
write_credential(const char *name)
{
    place_write(name, "a credential", 12, 0600);
}

enum ks_err
try_path(const char *path)
{
    struct credfile *file = NULL;
    enum ks_err rc = credfile_open(path, &file, &cause);

    assert_true((rc == KS_OK) == (file != NULL));
    credfile_close(&file);
    assert_null(file);
    return rc;
}

enum ks_err
try_name(const char *name)
{
    return try_path(place_path(name));
}
