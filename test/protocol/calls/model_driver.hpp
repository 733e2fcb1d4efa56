// Drives the machine of a call against the model server on
// a virtual clock, as the session does against a real one.
// Judges nothing: it writes down what left, what came back and how the call ended.
#pragma once

#include "protocol/calls/machine.hpp"
#include "protocol/calls/model_history.hpp"
#include "protocol/calls/model_server.hpp"
#include "random.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace call_model {

namespace protocol = mistral::workflows::protocol;
using test::random_source;

/// How often calls came through each cell of the machine's table.
class cell_counts {
 public:
  void add(const protocol::table_cell& cell) { ++of(cell); }
  std::uint64_t& of(const protocol::table_cell& cell) {
    return counts_[cell.looked ? 1 : 0][static_cast<std::size_t>(cell.from)][cell.what];
  }
  /// All that a call can come to.
  static std::vector<protocol::table_cell> reachable();

 private:
  std::array<std::array<std::array<std::uint64_t, 16>, 20>, 2> counts_{};
};

class driver {
 public:
  driver(random_source& random, history& past, cell_counts& cells)
      : random_(random), past_(past), cells_(cells), server_(random, past) {}

  /// One call from its beginning to its end, and the time after it in which late requests still arrive.
  void run_one();

 private:
  random_source& random_;
  history& past_;
  cell_counts& cells_;
  server server_;
  instant now_ = 0;
  instant gate_opens_ = 0;
  instant stops_at_ = never;  // the deadline or a cancellation
  bool cancelled_ = false;
  double refuses_ = 0;  // how often a connection is
  bool bad_certificates_ = false;

  protocol::call_identity identity();
  protocol::call_rules rules();
  void choose_surroundings();

  protocol::wish prepare(protocol::call_machine& call, const protocol::wish& wanted);
  protocol::wish send(protocol::call_machine& call);
  protocol::wish look(protocol::call_machine& call);
  protocol::wish wait(protocol::call_machine& call, const protocol::wish& wanted);
  protocol::wish stop(protocol::call_machine& call, const protocol::request_end& under_way);
  protocol::request_end unconnected();

  protocol::moment at() { return protocol::moment(time(now_), random_.uniform()); }
  static protocol::call_clock::time_point time(instant i) {
    return protocol::call_clock::time_point(std::chrono::hours(1) + std::chrono::microseconds(i));
  }
  static mistral::workflows::timestamp server_time(instant i) {
    return mistral::workflows::timestamp(std::chrono::hours(400'000) + std::chrono::microseconds(i));
  }
  static protocol::request_end as_end(const reply& said);
  protocol::found_thing as_thing(const reply& said) const;
  void note(bool is_look, const reply& said);
};

}  // namespace call_model
