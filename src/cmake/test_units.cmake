# Test sources compiled some at a time. Half of what such a source costs is templates that its neighbours need as
# well: Asio's, for every coroutine that is spawned.

# mistral_workflows_unite(OUT NAME SOURCE...): the sources that hold test suites and add to no namespace (as
# BOOST_TEST_DONT_PRINT_LOG_VALUE does) stand in units of MISTRAL_WORKFLOWS_TEST_UNIT each, every one in a namespace
# of its own behind the includes of all. OUT: the units and the rest.
function(mistral_workflows_unite out name)
  set(compiled)
  set(united)
  foreach(source IN LISTS ARGN)
    file(READ ${source} text)
    if(text MATCHES "_TEST_SUITE\\(" AND NOT text MATCHES "\nnamespace [a-z:_0-9]+ {|DONT_PRINT_LOG_VALUE")
      list(APPEND united ${source})
    else()
      list(APPEND compiled ${source})
    endif()
  endforeach()
  while(united)
    list(LENGTH compiled number)
    set(unit ${CMAKE_CURRENT_BINARY_DIR}/units/${name}_${number}.cpp)
    set(includes)
    set(bodies)
    foreach(place RANGE 1 ${MISTRAL_WORKFLOWS_TEST_UNIT})
      list(POP_FRONT united source)
      if(source)
        get_filename_component(path ${source} ABSOLUTE)
        file(RELATIVE_PATH shown ${CMAKE_BINARY_DIR} ${path})  # the same in each clone, for a cache of objects
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
        file(READ ${path} text)
        string(REGEX MATCHALL "#include [^\n]+" found "${text}")
        list(APPEND includes ${found})
        string(REGEX REPLACE "#include [^\n]+" "" text "${text}")
        string(APPEND bodies "namespace source_${place} {\n#line 1 \"${shown}\"\n${text}\n}\n")
      endif()
    endforeach()
    list(REMOVE_DUPLICATES includes)
    list(JOIN includes "\n" includes)
    file(WRITE ${unit}.new "${includes}\n${bodies}")
    configure_file(${unit}.new ${unit} COPYONLY)  # keeps the time of one that says the same
    # For GCC a fixture in an unnamed namespace would be one of a header here.
    set_source_files_properties(${unit} PROPERTIES COMPILE_OPTIONS "$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>")
    list(APPEND compiled ${unit})
  endwhile()
  set(${out} ${compiled} PARENT_SCOPE)
endfunction()
