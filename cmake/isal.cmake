# isal::isal, Intel's storage library, for CRC32C (it works on ARM as well). Where it is
# not installed the target is empty and the journal uses a table of its own.
find_path(GAON_ISAL_INCLUDE isa-l/crc.h)
find_library(GAON_ISAL isal)
add_library(isal::isal INTERFACE IMPORTED)
if(GAON_ISAL AND GAON_ISAL_INCLUDE)
  target_include_directories(isal::isal INTERFACE ${GAON_ISAL_INCLUDE})
  target_link_libraries(isal::isal INTERFACE ${GAON_ISAL})
  target_compile_definitions(isal::isal INTERFACE GAON_WITH_ISAL)
endif()
