# gaon_floors(FILE): one static library gaon_<folder> for each line of FILE, from
# the folder's *.cc. A folder sees its own headers and those it names, because
# each has an include root of its own that holds nothing but a link to it.
# Files named x_test.cc make the test program gaon_<folder>_test; main.cc is left
# to the executable.
function(gaon_floors file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} lines REGEX "^[a-z]")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([a-z]+): *(.*)$" _ "${line}")
    set(folder ${CMAKE_MATCH_1})
    string(REPLACE " " ";" below "${CMAKE_MATCH_2}")
    gaon_floor(${folder} "${below}")
  endforeach()
endfunction()

function(gaon_floor folder below)
  set(root ${CMAKE_BINARY_DIR}/roots/${folder})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${folder} ${root}/${folder} SYMBOLIC)

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")

  if(sources)
    add_library(gaon_${folder} STATIC ${sources})
    set(reach PUBLIC)
  else()
    add_library(gaon_${folder} INTERFACE)
    set(reach INTERFACE)
  endif()
  target_include_directories(gaon_${folder} ${reach} ${root})
  foreach(other IN LISTS below)
    if(other MATCHES "::")
      target_link_libraries(gaon_${folder} ${reach} ${other})
    else()
      target_link_libraries(gaon_${folder} ${reach} gaon_${other})
    endif()
  endforeach()

  if(GAON_TESTS AND tests)
    add_executable(gaon_${folder}_test ${tests})
    target_link_libraries(gaon_${folder}_test PRIVATE gaon_${folder} rapidcheck GTest::gtest GTest::gtest_main)
    gtest_discover_tests(gaon_${folder}_test TEST_PREFIX "${folder}." DISCOVERY_TIMEOUT 60
                         PROPERTIES TIMEOUT 300)
  endif()
endfunction()
