// OpenSSL's memory. What it remembers of an idle connection is some thirty blocks of always
// the same sizes, 13.5 kB; in a PackedHeap they take that, and no kilobyte more.
#pragma once

namespace gaon::net {

// For the whole program and for good. False, and without effect, when OpenSSL has memory
// already, or in a program whose memory a sanitizer watches.
bool pack_openssl_memory();

}  // namespace gaon::net
