# The client as a library for engines: headers, pkg-config, CMake package (component client).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

file(GLOB client_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/client/*.c)
list(FILTER client_sources EXCLUDE REGEX "/(cmd_|example_)[a-z_]*\\.c$")
# what of core it stands on: nothing of HDF5 or YAML
foreach(name buffer clock err file json lock log sha256 sha256_blocks text)
  list(APPEND client_sources ${CMAKE_SOURCE_DIR}/core/${name}.c)
endforeach()

add_library(plimsoll-client SHARED ${client_sources})
target_include_directories(plimsoll-client PRIVATE ${CMAKE_SOURCE_DIR})
target_include_directories(plimsoll-client INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(plimsoll-client PRIVATE PkgConfig::zmq PkgConfig::sodium PkgConfig::jansson
                      Threads::Threads m)
target_link_options(plimsoll-client PRIVATE LINKER:--as-needed
                    LINKER:--version-script=${CMAKE_SOURCE_DIR}/client/package/exports.map)
if(NOT PLIMSOLL_SANITIZE AND NOT PLIMSOLL_FUZZ)
  target_link_options(plimsoll-client PRIVATE LINKER:--no-undefined)
endif()
set_target_properties(plimsoll-client PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
  EXPORT_NAME client LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}
  LINK_DEPENDS ${CMAKE_SOURCE_DIR}/client/package/exports.map)

set(client_headers ${CMAKE_BINARY_DIR}/client-package/plimsoll)
file(GLOB client_inputs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/client/*.h)
add_custom_command(OUTPUT ${client_headers}/engine.h
  COMMAND ${CMAKE_COMMAND} -DFROM=${CMAKE_SOURCE_DIR} -DTO=${client_headers}
          -P ${CMAKE_SOURCE_DIR}/client/package/headers.cmake
  DEPENDS ${client_inputs} ${CMAKE_SOURCE_DIR}/core/err.h ${CMAKE_SOURCE_DIR}/client/example_engine.c
          ${CMAKE_SOURCE_DIR}/client/package/headers.cmake
  VERBATIM)
add_custom_target(client-headers ALL DEPENDS ${client_headers}/engine.h)

# so that it is found wherever it is installed
file(RELATIVE_PATH client_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(client/package/plimsoll-client.pc.in ${CMAKE_BINARY_DIR}/client-package/plimsoll-client.pc @ONLY)
set(client_cmake ${CMAKE_INSTALL_LIBDIR}/cmake/plimsoll-client)
configure_package_config_file(client/package/plimsoll-client-config.cmake.in
  ${CMAKE_BINARY_DIR}/client-package/plimsoll-client-config.cmake INSTALL_DESTINATION ${client_cmake})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/client-package/plimsoll-client-config-version.cmake
  COMPATIBILITY SameMinorVersion)

install(TARGETS plimsoll-client EXPORT plimsoll-client-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client)
install(EXPORT plimsoll-client-targets NAMESPACE plimsoll:: DESTINATION ${client_cmake} COMPONENT client)
install(FILES ${CMAKE_BINARY_DIR}/client-package/plimsoll-client-config.cmake
              ${CMAKE_BINARY_DIR}/client-package/plimsoll-client-config-version.cmake
        DESTINATION ${client_cmake} COMPONENT client)
install(FILES ${CMAKE_BINARY_DIR}/client-package/plimsoll-client.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT client)
install(DIRECTORY ${client_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT client
        FILES_MATCHING PATTERN "*.h")
file(GLOB client_examples CONFIGURE_DEPENDS client/example_*.py)
install(FILES ${CMAKE_BINARY_DIR}/client-package/example_engine.c ${client_examples} client/README.md
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/plimsoll-client COMPONENT client)
