# What the library is built with. What is missing or too old ends the configuration with one message, which says what is needed,
# what was found and how Debian calls it. Sets MISTRAL_WORKFLOWS_HAS_TESTING and
# MISTRAL_WORKFLOWS_HAS_JOURNAL_SQLITE: whether the local server, and the journal in SQLite, are built.

function(mistral_workflows_refuse needed found advice)
  message(FATAL_ERROR "mistral_workflows needs ${needed}; found: ${found}. ${advice}")
endfunction()

# What find_package saw of the package and did not take.
function(mistral_workflows_rejected_versions package out)
  set(seen ${${package}_CONSIDERED_VERSIONS})
  list(REMOVE_DUPLICATES seen)
  list(JOIN seen ", " seen)
  if(seen STREQUAL "")
    set(seen none)
  endif()
  set(${out} ${seen} PARENT_SCOPE)
endfunction()

function(mistral_workflows_require_coroutines)
  set(needed "C++20 with coroutines (GCC 12, Clang 16 or later)")
  set(found "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  set(advice "On Debian: apt-get install g++, or name another compiler with -DCMAKE_CXX_COMPILER=g++-12.")
  if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12) OR
     (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16))
    mistral_workflows_refuse("${needed}" "${found}" "${advice}")
  endif()
  if(NOT MISTRAL_WORKFLOWS_HAS_COROUTINES)
    set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
    try_compile(MISTRAL_WORKFLOWS_HAS_COROUTINES
      SOURCE_FROM_CONTENT coroutines.cpp "#include <coroutine>\n#ifndef __cpp_lib_coroutine\n#error none\n#endif\n"
      CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON)
  endif()
  if(NOT MISTRAL_WORKFLOWS_HAS_COROUTINES)
    mistral_workflows_refuse("${needed}" "${found}, which has none with the flags '${CMAKE_CXX_FLAGS}'" "${advice}")
  endif()
endfunction()

mistral_workflows_require_coroutines()

find_package(Threads REQUIRED)

find_package(Boost 1.81 CONFIG QUIET COMPONENTS json url)
# Where only its headers are installed it is found all the same.
foreach(part json url)
  if(Boost_FOUND AND NOT TARGET Boost::${part})
    set(Boost_FOUND OFF)
    set(Boost_NOT_FOUND_MESSAGE "without its library ${part}")
  endif()
endforeach()
if(NOT Boost_FOUND)
  mistral_workflows_rejected_versions(Boost found)
  if(NOT found STREQUAL "none" AND Boost_NOT_FOUND_MESSAGE)
    string(APPEND found " (${Boost_NOT_FOUND_MESSAGE})")
  endif()
  mistral_workflows_refuse("Boost 1.81 or later with its libraries json and url" "${found}" "On Debian 12: apt-get \
install libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev; on Debian 13: apt-get install libboost-dev \
libboost-json-dev libboost-url-dev. A Boost elsewhere: -DBoost_ROOT=FOLDER.")
endif()

find_package(OpenSSL 3 QUIET)
if(NOT OpenSSL_FOUND)
  if(OPENSSL_VERSION)
    set(found ${OPENSSL_VERSION})
  else()
    set(found none)
  endif()
  mistral_workflows_refuse("OpenSSL 3 or later" "${found}"
    "On Debian: apt-get install libssl-dev. An OpenSSL elsewhere: -DOPENSSL_ROOT_DIR=FOLDER.")
endif()

# The local server takes the date library, for the time zones of its schedules: GCC 12's own library has none.
string(TOUPPER "${MISTRAL_WORKFLOWS_TESTING_LIBRARY}" wanted)
if(MISTRAL_WORKFLOWS_TESTS OR MISTRAL_WORKFLOWS_EXAMPLES)
  set(wanted ON)
endif()
set(MISTRAL_WORKFLOWS_HAS_TESTING OFF)
if(wanted STREQUAL "AUTO" OR wanted)
  find_package(date 3 CONFIG QUIET)
  if(date_FOUND)
    set(MISTRAL_WORKFLOWS_HAS_TESTING ON)
  elseif(wanted STREQUAL "AUTO")
    message(STATUS "mistral_workflows: without its local server, as the date library is not found \
(Debian: libhowardhinnant-date-dev)")
  else()
    mistral_workflows_rejected_versions(date found)
    mistral_workflows_refuse("Howard Hinnant's date library 3 for its local server" "${found}" "On Debian: apt-get \
install libhowardhinnant-date-dev. The client alone: -DMISTRAL_WORKFLOWS_TESTING_LIBRARY=OFF.")
  endif()
endif()

string(TOUPPER "${MISTRAL_WORKFLOWS_JOURNAL_SQLITE}" wanted)
if(MISTRAL_WORKFLOWS_TESTS OR MISTRAL_WORKFLOWS_EXAMPLES)
  set(wanted ON)
endif()
set(MISTRAL_WORKFLOWS_HAS_JOURNAL_SQLITE OFF)
if(wanted STREQUAL "AUTO" OR wanted)
  find_package(SQLite3 3.22 QUIET)
  if(SQLite3_FOUND)
    set(MISTRAL_WORKFLOWS_HAS_JOURNAL_SQLITE ON)
  elseif(wanted STREQUAL "AUTO")
    message(STATUS "mistral_workflows: without its journal in SQLite, as SQLite is not found (Debian: libsqlite3-dev)")
  else()
    set(found none)
    if(SQLite3_VERSION)
      set(found ${SQLite3_VERSION})
    endif()
    mistral_workflows_refuse("SQLite 3.22 or later for its journal of batches" "${found}" "On Debian: apt-get install \
libsqlite3-dev. Without it: -DMISTRAL_WORKFLOWS_JOURNAL_SQLITE=OFF.")
  endif()
endif()
