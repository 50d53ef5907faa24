# SPDX-License-Identifier: Apache-2.0
# What an installation holds, and how other builds find it:
#
#   bin/otary                       the command, its manual page and its completion
#   include/otary/ota/              the public headers: #include "ota/update.h"
#   include/otary/agent/            the agent's: #include "agent/agent.h"
#   include/otary/ports/            the ports' headers: #include "ports/flash/file.h"
#   include/otary/esp-idf/          ESP-IDF's names: one more -I
#   lib/libota_*.a                  pkg-config otary, otary-agent, otary-esp-idf; find_package(otary): otary::core, …
include(CMakePackageConfigHelpers)

set(OTARY_INCLUDE ${CMAKE_INSTALL_INCLUDEDIR}/otary)
set(OTARY_CONFIG ${CMAKE_INSTALL_LIBDIR}/cmake/otary)
set(libraries ota_core ota_boot ota_agent ota_compat ${OTARY_PORTS})
foreach(library ${libraries})
    string(REGEX REPLACE "^ota_" "" short ${library})
    set_target_properties(${library} PROPERTIES EXPORT_NAME ${short})
endforeach()

install(TARGETS ${libraries} EXPORT otary ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT otary NAMESPACE otary:: DESTINATION ${OTARY_CONFIG} FILE otary-targets.cmake)
install(DIRECTORY include/ota DESTINATION ${OTARY_INCLUDE})
install(DIRECTORY agent DESTINATION ${OTARY_INCLUDE} FILES_MATCHING PATTERN "agent.h"
    PATTERN "ports.h")
install(DIRECTORY ports DESTINATION ${OTARY_INCLUDE} FILES_MATCHING PATTERN "*.h")
file(GLOB_RECURSE headers CONFIGURE_DEPENDS compat/esp-idf/include/*.h)
install(FILES ${headers} DESTINATION ${OTARY_INCLUDE}/esp-idf)
install(FILES docs/man/otary.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES packaging/completion/otary.bash RENAME otary
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

write_basic_package_version_file(otary-config-version.cmake COMPATIBILITY SameMinorVersion)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/otary-config.cmake
    "include(CMakeFindDependencyMacro)\nfind_dependency(OpenSSL 3)\nfind_dependency(CURL 7.85)\n"
    "include(\${CMAKE_CURRENT_LIST_DIR}/otary-targets.cmake)\n")
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/otary-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/otary-config-version.cmake DESTINATION ${OTARY_CONFIG})

# Filled in when it is installed: only then is the prefix known.
foreach(package otary otary-agent otary-esp-idf)
    configure_file(packaging/${package}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc.in @ONLY)
    install(CODE "
        set(dollar \$)
        get_filename_component(prefix \"\${CMAKE_INSTALL_PREFIX}\" ABSOLUTE)
        configure_file(\"${CMAKE_CURRENT_BINARY_DIR}/${package}.pc.in\"
            \"${CMAKE_CURRENT_BINARY_DIR}/${package}.pc\")")
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
