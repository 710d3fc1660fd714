// SIGINT and SIGTERM as something to wait for beside a connection. One a process, used by
// its main thread before there are others.
#pragma once

#include "net/descriptor.h"

namespace gaon::app {

class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal() { let_go(); }

  // From now on the signals only make descriptor() readable.
  void hold();
  // From now on they end the process again: right while there is no connection to end
  // in order.
  void let_go();

  int descriptor() const { return descriptor_.get(); }
  // One came since hold().
  bool raised();

 private:
  net::Descriptor descriptor_;
  bool raised_ = false;
};

}  // namespace gaon::app
