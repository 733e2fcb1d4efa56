// How a result waits for an execution's end, whatever runs it goes on as, over seconds and minutes.
#include "session/follow/simulation/waiting.hpp"

using namespace scripted;

BOOST_FIXTURE_TEST_SUITE(a_result_in_time, waiting)

BOOST_AUTO_TEST_CASE(is_there_at_once_where_the_first_get_says_so) {
  server->look = [](const std::string&, int) { return ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed().count() == 0);
  BOOST_TEST(server->looks == 1);
  BOOST_TEST(server->targets.empty());
}

BOOST_AUTO_TEST_CASE(comes_with_the_event_of_its_end) {
  happens(12s, 1, recorded::completed(1, first));
  server->look = [this](const std::string&, int) { return passed() < 12s ? running(first) : ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST((passed() >= 12s && passed() < 13s));
  BOOST_TEST(server->looks == 2);
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(follows_a_run_that_goes_on_under_the_same_id_with_one_stream) {
  happens(1s, 1, continued_as(1, second, first));
  happens(6s, 2, recorded::completed(2, second));
  server->find = [](const std::string&, int) {
    return run_of(run_facts::answer::found, recorded::execution);
  };
  server->look = [this](const std::string&, int) {
    return passed() < 1s ? running(first) : passed() < 6s ? running(second) : ended(second);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::completed));
  BOOST_TEST(end.state.run_id.value_or("") == second);
  BOOST_TEST(passed() < 7s);
  BOOST_TEST(server->targets.size() <= 2U);
  BOOST_TEST(server->looks + server->finds < 10);
}

BOOST_AUTO_TEST_CASE(follows_a_run_that_goes_on_and_whose_predecessor_a_get_shows_for_a_while) {
  happens(1s, 1, continued_as(1, second, first));
  happens(6s, 2, recorded::completed(2, second));
  server->find = [](const std::string&, int) {
    return run_of(run_facts::answer::found, recorded::execution);
  };
  server->look = [this](const std::string&, int) {
    if (passed() < 1s) return running(first);
    if (passed() < 4s) return ended(first, terminal_kind::continued_as_new);
    return passed() < 6s ? running(second) : ended(second);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 8s);
  BOOST_TEST(server->targets.size() <= 2U);
  BOOST_TEST(server->looks + server->finds < 15);
}

BOOST_AUTO_TEST_CASE(names_the_run_whose_successor_does_not_appear) { names_the_run(); }

BOOST_AUTO_TEST_CASE(names_the_run_whose_successor_no_event_names) {
  happens(0s, 1, continued_as(1, ".", first));
  names_the_run();
}

BOOST_AUTO_TEST_CASE(names_the_run_that_says_to_be_its_own_successor) {
  happens(0s, 1, continued_as(1, first, first));
  server->find = [](const std::string&, int) {
    return run_of(run_facts::answer::found, recorded::execution);
  };
  names_the_run();
  BOOST_TEST(server->finds == 0);
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_successor_that_no_event_names_and_a_get_shows) {
  happens(0s, 1, continued_as(1, ".", first));
  server->look = [this](const std::string&, int) {
    if (passed() < 5s) return ended(first, terminal_kind::continued_as_new);
    return passed() < 40s ? running(second) : ended(second);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 72s);
}

BOOST_AUTO_TEST_CASE(says_continued_as_new_where_that_is_not_to_be_followed) {
  how.follow_continue_as_new = false;
  happens(1s, 1, continued_as(1, second, first));
  server->look = [this](const std::string&, int) {
    return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::continued_as_new));
  BOOST_TEST(end.failure.empty());
  BOOST_TEST(passed() < 2s);
  BOOST_TEST(server->finds == 0);
}

BOOST_AUTO_TEST_CASE(waits_for_the_execution_of_a_successor_that_is_not_to_be_found_for_two_seconds) {
  happens(1s, 1, continued_as(1, second, first));
  server->find = [this](const std::string&, int) {
    return passed() < 3s ? run_of(run_facts::answer::missing) : run_of(run_facts::answer::found, "exec-2");
  };
  server->look = [this](const std::string& id, int) {
    if (id == "exec-2") return passed() < 10s ? running(second) : ended(second);
    return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::completed));
  BOOST_TEST(end.state.execution_id == "exec-2");
  BOOST_TEST(server->targets.back().find("/exec-2/") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_successor_whatever_its_gets_say_for_a_while) {
  happens(1s, 1, continued_as(1, second, first));
  for (const auto said : {run_facts::answer::unknown, run_facts::answer::missing}) {
    began = simulation::now();
    server->find = [this, said](const std::string&, int) {
      return passed() < 40s ? run_of(said) : run_of(run_facts::answer::found, "exec-2");
    };
    server->look = [this](const std::string& id, int) {
      if (id == "exec-2") return ended(second);
      return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
    };
    const auto end = wait();
    BOOST_TEST(ended_as(end, wf::execution_status::completed));
    BOOST_TEST(end.state.execution_id == "exec-2");
  }
}

BOOST_AUTO_TEST_CASE(gives_a_successor_up_that_is_not_to_be_found_for_long) {
  happens(1s, 1, continued_as(1, second, first));
  server->find = [](const std::string&, int) { return run_of(run_facts::answer::missing); };
  server->look = [this](const std::string&, int) {
    return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::continued_as_new));
  BOOST_TEST((passed() >= 60s && passed() <= 110s));
  BOOST_TEST(server->finds < 30);
}

BOOST_AUTO_TEST_CASE(finds_a_termination_although_the_stream_is_refused_for_as_long) {
  server->answer = [](const std::string&, int) { return act::status_only(503); };
  server->look = [this](const std::string&, int) {
    return passed() < 3s ? running(first) : terminated(first);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::terminated));
  BOOST_TEST(passed() <= 32s);
}

BOOST_AUTO_TEST_CASE(finds_a_termination_although_each_connection_breaks_at_once) {
  server->answer = [](const std::string&, int) { return act("", finish::reset); };
  server->look = [this](const std::string&, int) {
    return passed() < 3s ? running(first) : terminated(first);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::terminated));
  BOOST_TEST(passed() <= 32s);
  BOOST_TEST(server->looks < 20);
}

BOOST_AUTO_TEST_CASE(confirms_a_termination_a_second_later) {
  server->look = [](const std::string&, int) { return terminated(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::terminated));
  BOOST_TEST((passed() >= 1s && passed() < 2s));
  BOOST_TEST(server->looks == 2);
}

BOOST_AUTO_TEST_CASE(has_no_end_at_a_deadline_that_comes_before_the_get_which_confirms_it) {
  how.deadline = 500ms;
  for (const auto kind : {terminal_kind::terminated, terminal_kind::timed_out}) {
    server->look = [kind](const std::string&, int) { return ended(first, kind); };
    const auto end = wait();
    BOOST_TEST(!end.over);
    BOOST_TEST(end.state.run_id.value_or("") == first);
  }
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_of_a_reset) {
  happens(4s, 1, recorded::completed(1, second));
  server->look = [this](const std::string&, int) {
    return passed() < 500ms ? terminated(first) : passed() < 4s ? running(second) : ended(second);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::completed));
  BOOST_TEST(end.state.run_id.value_or("") == second);
}

BOOST_AUTO_TEST_SUITE_END()
