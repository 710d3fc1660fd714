# Optional tools that make builds quicker. None of them changes what is built.
find_program(GAON_CCACHE ccache)
if(GAON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${GAON_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GAON_CCACHE})
endif()

# The allocator of the program. One thread makes a message and another lets go of it,
# which costs glibc's malloc three times as much; sanitizers bring their own.
find_library(GAON_JEMALLOC jemalloc)
option(GAON_USE_JEMALLOC "Link the program with jemalloc where it is installed" ON)

find_program(GAON_MOLD mold)
if(GAON_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
