# SPDX-License-Identifier: Apache-2.0
# cmake -D OUT=file.c -P embed.cmake: the portal's files as C.
set(text "/* Written by embed.cmake. */\n#include \"tests/vault/portal/asset.h\"\n")
foreach(kind css js svg)
    file(READ ${CMAKE_CURRENT_LIST_DIR}/portal.${kind} hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1, " bytes "${hex}")
    string(APPEND text "const unsigned char portal_asset_${kind}[] = {${bytes}};\n"
        "const size_t portal_asset_${kind}_length = sizeof portal_asset_${kind};\n")
endforeach()
file(WRITE ${OUT} "${text}")
