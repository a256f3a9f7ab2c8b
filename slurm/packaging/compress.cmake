# compress.cmake -- Debian wants manual pages and changelogs compressed; gzip without a name
# or time in it, so that equal trees make equal packages
file(GLOB_RECURSE pages LIST_DIRECTORIES false
     "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.1" "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.5"
     "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/changelog"
     "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/changelog.Debian")
foreach(page ${pages})
  execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
