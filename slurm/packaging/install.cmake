# What `cmake --install` puts where, and the Debian package of it (cpack -G DEB).
include(GNUInstallDirs)

# The pages and the completion are made by the program from its own help.
set(manuals ${CMAKE_BINARY_DIR}/manuals)
add_custom_command(OUTPUT ${manuals}/completions/plimsoll
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${manuals}
  COMMAND plimsoll help --manuals ${manuals}
  DEPENDS plimsoll
  COMMENT "Manual pages and completion"
  VERBATIM)
add_custom_target(manuals ALL DEPENDS ${manuals}/completions/plimsoll)

install(TARGETS plimsoll RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY ${manuals}/man1 ${manuals}/man5 DESTINATION ${CMAKE_INSTALL_MANDIR}
        COMPONENT program FILES_MATCHING PATTERN "*.[15]")
install(FILES ${manuals}/completions/plimsoll
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/plimsoll COMPONENT program
        FILES_MATCHING PATTERN "*.yaml" PATTERN "*.md")
# scripts, but not the cluster for tests, which starts daemons as root
install(DIRECTORY slurm DESTINATION ${CMAKE_INSTALL_DATADIR}/plimsoll COMPONENT program
        USE_SOURCE_PERMISSIONS PATTERN "test-cluster" EXCLUDE
        PATTERN "spack" EXCLUDE PATTERN "*.def" EXCLUDE)
install(FILES README.md slurm/packaging/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT program)
install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME changelog
        COMPONENT program)
set(CPACK_PACKAGE_CONTACT "Plimsoll maintainers <plimsoll@localhost>")
configure_file(slurm/packaging/changelog.Debian.in ${CMAKE_BINARY_DIR}/changelog.Debian @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/changelog.Debian DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT program)
foreach(room core market worker mpi coordinator client)
  install(FILES ${room}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME README-${room}.md
          COMPONENT program)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME plimsoll)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "distributed calibration of margin parameters")
set(CPACK_PACKAGE_DESCRIPTION
"Calibrates the margin engine of a derivatives venue: from price history the
margin settings that cost traders least while the losses they must cover
stay covered, proved on unseen bars. Searches large grids on one core or on
a cluster under Slurm, with the same bytes on any number of ranks, and hands
the result to engines.")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_PACKAGE_VENDOR Plimsoll)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/slurm/packaging/compress.cmake)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
# two packages: the program, and the library that engines link (client/package)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL program client)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME plimsoll)
set(CPACK_DEBIAN_CLIENT_PACKAGE_NAME libplimsoll-client-dev)
set(CPACK_DEBIAN_CLIENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_CLIENT_DESCRIPTION
"The client library: receives, verifies and looks up margin parameter sets.
Headers, pkg-config and CMake package, and complete example engines in C and
Python. It knows nothing of MPI, HDF5 or GSL.")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
install(FILES slurm/packaging/copyright COMPONENT client
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libplimsoll-client-dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS openmpi-bin)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "slurm-client, man-db, bash-completion")
include(CPack)
