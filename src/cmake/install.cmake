# What `cmake --install` lays down, so that find_package(mistral_workflows) gives mistral::workflows, mistral::workflows_testing and
# mistral::workflows_journal_sqlite, and pkg-config the same with mistral_ before them. Each library is an export set and
# an install component of its own (`cmake --install build --component mistral_workflows_client`).
include(CMakePackageConfigHelpers)
include(${CMAKE_CURRENT_LIST_DIR}/pkg_config.cmake)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mistral_workflows)

function(mistral_workflows_install_library target component)
  set(part mistral_workflows_${component})
  string(REPLACE mistral_ "" name ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  if(NOT DEFINED CMAKE_INSTALL_RPATH)
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN")
  endif()
  install(TARGETS ${target} EXPORT ${part}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${part}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${part} NAMELINK_COMPONENT ${part}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${part}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${part})
  install(EXPORT ${part} NAMESPACE mistral:: FILE mistral_workflows-${component}-targets.cmake
    DESTINATION ${package_dir} COMPONENT ${part})
  install(FILES ${PROJECT_BINARY_DIR}/${target}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${part})
endfunction()

mistral_workflows_install_library(mistral_workflows client)
if(MISTRAL_WORKFLOWS_HAS_TESTING)
  mistral_workflows_install_library(mistral_workflows_testing testing)
endif()
if(MISTRAL_WORKFLOWS_HAS_JOURNAL_SQLITE)
  mistral_workflows_install_library(mistral_workflows_journal_sqlite journal_sqlite)
endif()

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/src/cmake/mistral_workflows-config.cmake.in
  ${PROJECT_BINARY_DIR}/mistral_workflows-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mistral_workflows-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/mistral_workflows-config.cmake
  ${PROJECT_BINARY_DIR}/mistral_workflows-config-version.cmake
  DESTINATION ${package_dir} COMPONENT mistral_workflows_client)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT mistral_workflows_client)
