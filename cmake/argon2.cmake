# argon2::argon2, the reference implementation of the password hash.
find_path(GAON_ARGON2_INCLUDE argon2.h REQUIRED)
find_library(GAON_ARGON2 argon2 REQUIRED)
add_library(argon2::argon2 INTERFACE IMPORTED)
target_include_directories(argon2::argon2 INTERFACE ${GAON_ARGON2_INCLUDE})
target_link_libraries(argon2::argon2 INTERFACE ${GAON_ARGON2})
