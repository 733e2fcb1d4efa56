# Puts ccache before the compiler, set up so that it works with precompiled headers. Not needed for any build.
find_program(MISTRAL_WORKFLOWS_CCACHE_PROGRAM ccache)
set(usable OFF)
if(MISTRAL_WORKFLOWS_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A user without a home has no place for a cache either, and ccache then refuses to compile.
  execute_process(COMMAND ${MISTRAL_WORKFLOWS_CCACHE_PROGRAM} -k cache_dir OUTPUT_VARIABLE folder
    RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failed)
    execute_process(COMMAND ${CMAKE_COMMAND} -E make_directory "${folder}/tmp" RESULT_VARIABLE failed ERROR_QUIET)
  endif()
  if(NOT failed)
    execute_process(COMMAND ${CMAKE_COMMAND} -E touch "${folder}/tmp/writable" RESULT_VARIABLE failed ERROR_QUIET)
  endif()
  if(NOT failed)
    set(usable ON)
  endif()
endif()
if(usable)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    ${MISTRAL_WORKFLOWS_CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
