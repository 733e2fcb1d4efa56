// The model server of streams (test/protocol/follow/model) as a stream's surroundings: its
// answers as heads, text and pieces, at their times on the virtual clock. Judges nothing:
// who follows the sequence is told of what comes to the server (modelled_stream.hpp).
#pragma once

#include "protocol/follow/model/world.hpp"
#include "session/follow/stream_host.hpp"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <memory>
#include <string>

namespace simulation {

class modelled_stream;

/// How the model's events show which they are.
enum class identity { id_alone, id_and_number, number_alone };

/// The text of an event of the wire, by its place among its execution's.
std::string text_of(const follow_model::world& server, int execution, int index, identity shows_as);

/// What a connection has brought and the stream has not used up:
/// places of events, and this for one that is none of the execution's.
inline constexpr int no_event = -1;
using brought_events = std::deque<int>;

/// Of one stream; `follows` outlives it and all that it has begun.
std::shared_ptr<mistral::workflows::session::stream_host> make_model_host(boost::asio::io_context& io,
                                                                          modelled_stream& follows);

}  // namespace simulation
