# SPDX-License-Identifier: Apache-2.0
# What cmake --install lays down, what takes it away again, and the Debian package.
# Component "runtime" is the program and what belongs to it; "development" the library.
set(PO_DOCDIR ${CMAKE_INSTALL_DATADIR}/doc/process-offline)

# The manual page and completions come from the program itself.
set(made ${PROJECT_BINARY_DIR}/made)
file(MAKE_DIRECTORY ${made})
set(say $<TARGET_FILE:process_offline>)
add_custom_command(OUTPUT ${made}/process_offline.1.gz ${made}/process_offline.bash
                          ${made}/_process_offline ${made}/process_offline.fish
  COMMAND ${say} --print-man > ${made}/process_offline.1
  COMMAND gzip -9nf ${made}/process_offline.1
  COMMAND ${say} --print-completion bash > ${made}/process_offline.bash
  COMMAND ${say} --print-completion zsh > ${made}/_process_offline
  COMMAND ${say} --print-completion fish > ${made}/process_offline.fish
  DEPENDS process_offline VERBATIM)
add_custom_target(documents ALL DEPENDS ${made}/process_offline.1.gz)
install(FILES ${made}/process_offline.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT runtime)
install(FILES ${made}/process_offline.bash RENAME process_offline
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
install(FILES ${made}/_process_offline
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT runtime)
install(FILES ${made}/process_offline.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT runtime)

install(TARGETS process_offline COMPONENT runtime)
install(TARGETS process_offline_cv LIBRARY DESTINATION ${PO_MODULEDIR} COMPONENT runtime)
install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/process_offline/configs
        COMPONENT runtime)
install(FILES README.md DESTINATION ${PO_DOCDIR} COMPONENT runtime)
install(FILES LICENSE DESTINATION ${PO_DOCDIR} COMPONENT development)

# The library: headers, a pkg-config file that finds itself so that the prefix may move, and
# a package for find_package(process_offline).
file(RELATIVE_PATH to_headers /${CMAKE_INSTALL_LIBDIR}/pkgconfig /${CMAKE_INSTALL_INCLUDEDIR})
file(WRITE ${PROJECT_BINARY_DIR}/process_offline.pc
"Name: process_offline
Description: Offline stereo reconstruction of whole capture sessions
Version: ${PROJECT_VERSION}
Libs: -L\${pcfiledir}/.. -lprocess_offline
Cflags: -I\${pcfiledir}/${to_headers}
")
set(PO_PACKAGEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/process_offline)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/process_offlineConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
file(WRITE ${PROJECT_BINARY_DIR}/process_offlineConfig.cmake
     "include(\${CMAKE_CURRENT_LIST_DIR}/process_offlineTargets.cmake)\n")
set_target_properties(process_offline_shared PROPERTIES EXPORT_NAME process_offline)
install(TARGETS process_offline_shared EXPORT process_offlineTargets COMPONENT development)
install(EXPORT process_offlineTargets NAMESPACE process_offline:: DESTINATION ${PO_PACKAGEDIR}
        COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/process_offlineConfig.cmake
              ${PROJECT_BINARY_DIR}/process_offlineConfigVersion.cmake
        DESTINATION ${PO_PACKAGEDIR} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/process_offline.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
install(DIRECTORY include/process_offline DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development)

# cmake --build build --target uninstall: the files that the last --install listed.
add_custom_target(uninstall
  COMMAND ${CMAKE_COMMAND} -DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt
          -P ${CMAKE_CURRENT_LIST_DIR}/uninstall.cmake VERBATIM)

# cpack -G DEB in the build folder.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME process-offline)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "process_offline maintainers <maintainers@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "metric point clouds from folders of stereo captures")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Finds the pairs and the calibration of a session, rectifies, matches,
 cleans, and writes point clouds, disparity maps and a report,
 unattended: within a memory limit, past broken frames, and resuming
 after anything.")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
add_custom_command(OUTPUT ${made}/changelog.gz
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_LIST_DIR}/changelog ${made}/changelog
  COMMAND gzip -9nf ${made}/changelog
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/changelog VERBATIM)
add_custom_target(package_documents ALL DEPENDS ${made}/changelog.gz)
install(FILES ${made}/changelog.gz ${CMAKE_CURRENT_LIST_DIR}/copyright
        DESTINATION ${PO_DOCDIR} COMPONENT package EXCLUDE_FROM_ALL)
include(CPack)
