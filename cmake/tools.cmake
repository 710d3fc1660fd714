# Optional tools that make builds quicker. None of them changes what is built.
find_program(GAON_CCACHE ccache)
if(GAON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${GAON_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GAON_CCACHE})
endif()

find_program(GAON_MOLD mold)
if(GAON_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
