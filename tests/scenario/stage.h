// Where a scenario is played: a broker with connections to it. Play says what to do,
// the stage how it is done there.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace gaon::scenario {

// A client's connection. Its end without a word is cut() or the destructor.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void write(std::string_view bytes) = 0;
  // What came since the last time.
  virtual std::string read() = 0;
  // The other side has ended it, and everything before that was read.
  virtual bool closed() const = 0;
  virtual void hang_up() = 0;
  virtual void cut() = 0;
};

class Stage {
 public:
  virtual ~Stage() = default;
  virtual Result<std::unique_ptr<Wire>> connect() = 0;

  // For a loop that waits: begin(), then look; as long as that is not enough and more()
  // is true, look again. more() lets the broker work, or waits for it a little.
  virtual void begin() = 0;
  virtual bool more() = 0;

  // Lets time go by; calls look now and then.
  virtual void pass(Duration duration, const std::function<void()>& look) = 0;

  // Whether the clock is ours and the broker idle when more() is false, so that what has
  // not come by then never comes.
  virtual bool is_simulated() const = 0;
};

}  // namespace gaon::scenario
