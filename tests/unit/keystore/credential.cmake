# SPDX-License-Identifier: Apache-2.0
# The credential file's content: what it may say, what is read out of it.
add_library(credential_fixture STATIC fixture.c)
target_link_libraries(credential_fixture PRIVATE house PUBLIC keystore)

holdfast_test(test_material SOURCES test_material.c LIBS credential_fixture keystore LABELS unit)
