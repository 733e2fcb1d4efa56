# What `cmake --install` lays down, so that `find_package(mistral_workflows)` gives mistral::workflows and
# mistral::workflows_testing.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mistral_workflows)
set_target_properties(mistral_workflows PROPERTIES EXPORT_NAME workflows)
set_target_properties(mistral_workflows_testing PROPERTIES EXPORT_NAME workflows_testing)
if(NOT DEFINED CMAKE_INSTALL_RPATH)
  set_target_properties(mistral_workflows mistral_workflows_testing PROPERTIES INSTALL_RPATH "$ORIGIN")
endif()

install(TARGETS mistral_workflows mistral_workflows_testing
  EXPORT mistral_workflows
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT mistral_workflows NAMESPACE mistral:: FILE mistral_workflows-targets.cmake DESTINATION ${package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/src/cmake/mistral_workflows-config.cmake.in
  ${PROJECT_BINARY_DIR}/mistral_workflows-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mistral_workflows-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/mistral_workflows-config.cmake
  ${PROJECT_BINARY_DIR}/mistral_workflows-config-version.cmake
  DESTINATION ${package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
