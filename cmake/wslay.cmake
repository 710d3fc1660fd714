# wslay::wslay, the frames of WebSocket.
find_path(GAON_WSLAY_INCLUDE wslay/wslay.h REQUIRED)
find_library(GAON_WSLAY wslay REQUIRED)
add_library(wslay::wslay INTERFACE IMPORTED)
target_include_directories(wslay::wslay INTERFACE ${GAON_WSLAY_INCLUDE})
target_link_libraries(wslay::wslay INTERFACE ${GAON_WSLAY})
