# headers.cmake -- the client's headers and example as engines outside this tree see them
#
#     cmake -DFROM=source -DTO=build/include/plimsoll -P headers.cmake
#
# In the tree names have no prefix, and paths are those of the rooms.  Installed, the few
# types of core that the interface shows get the prefix, and C++ can read them.
foreach(file core/err.h client/stress.h client/set.h client/subscriber.h client/engine.h client/diff.h
        client/example_engine.c)
  get_filename_component(name ${file} NAME)
  file(READ ${FROM}/${file} text)
  string(REGEX REPLACE "#include \"(core|client)/([a-z_]+\\.h)\"" "#include <plimsoll/\\2>" text "${text}")
  string(REGEX REPLACE "(struct|enum) err([^a-z_]|_kind)" "\\1 plimsoll_err\\2" text "${text}")
  string(REGEX REPLACE "([^A-Z_])ERR_([A-Z]+)" "\\1PLIMSOLL_ERR_\\2" text "${text}")
  string(REGEX REPLACE "([^a-z_])(CORE|CLIENT)_([A-Z]+)_H" "\\1PLIMSOLL_\\3_H" text "${text}")
  string(REGEX REPLACE "client/([a-z_]+)\\.(h|c)" "plimsoll/\\1.\\2" text "${text}")
  if(name STREQUAL "err.h")
    # its functions are the library's own
    string(REGEX REPLACE "^/\\*.*err. may be NULL\\.\n \\*/\n"
           "/* err.h -- what went wrong: a kind, and one sentence\n *\n * Functions that can fail return 0 or -1, and on -1 have written it. */\n"
           text "${text}")
    string(REGEX REPLACE "/\\* Start the story.*#endif" "#endif" text "${text}")
  endif()
  if(name MATCHES "\\.h$")
    string(REGEX REPLACE "(#define PLIMSOLL_[A-Z]+_H\n)" "\\1\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n" text "${text}")
    string(REGEX REPLACE "\n#endif( /\\* [A-Z_]+ \\*/)?\n$" "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n" text "${text}")
    file(WRITE ${TO}/${name} "${text}")
  else()
    file(WRITE ${TO}/../${name} "${text}")
  endif()
endforeach()
