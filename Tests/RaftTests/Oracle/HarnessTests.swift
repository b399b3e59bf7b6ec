import Testing

/// The reader and the runner of scenario files themselves.
@Suite("Scenario files")
struct HarnessTests {
    /// Runs a file's text; nil if it has its outcome.
    private func mismatch(_ text: String, _ comparison: Comparison = .exact) -> Mismatch? {
        Scenario(text).firstMismatch("file", comparison)
    }

    private func run(_ lines: String...) -> [String] {
        var environment = InteractionEnvironment()
        return lines.map { line in Case(line).map { environment.perform($0) } ?? "nothing" }
    }

    @Test("comments, blank lines, wrapped directives and lists are read")
    func grammar() {
        let scenario = Scenario(
            """
            # a comment

               \t
            add-nodes 3 voters=(1, 2,3) \\
              index=10
            ----
            one
            two

            propose-conf-change 1 v1=true nested=(a,(b,c))
              v2
            ----
            ----
            x

            y
            ----
            ----
            last
            """)
        #expect(scenario.cases.map(\.line) == [4, 10, 19])
        let first = scenario.cases[0]
        #expect(first.directive == "add-nodes" && first.values("voters") == ["1", "2", "3"])
        #expect(first.number("index") == 10 && first.expected == ["one", "two"])
        let second = scenario.cases[1]
        #expect(second.flag("v1") && second.values("nested") == ["a", "(b,c)"] && second.input == "v2")
        #expect(second.expected == ["x", "", "y"])
        #expect(scenario.cases[2].directive == "last" && scenario.cases[2].expected.isEmpty)
    }

    @Test("line ends of any kind separate lines")
    func lineEnds() {
        #expect(mismatch("log-level none\r\n----\r\nok\r\n") == nil)
    }

    @Test("the first line that differs is told, with the directive's place")
    func firstDifference() throws {
        let text = "log-level none\n----\nok\n\nlog-level debug\n----\nok\n\nraft-state\n----\n1: StateLeader\nmore\n"
        let found = try #require(mismatch(text))
        #expect(found.description == "file:9: expected `1: StateLeader`, got `ok`")
        let short = try #require(mismatch("log-level none\n----\nok\nmore\n"))
        #expect(short.description == "file:1: expected `more`, got the end")
        let long = try #require(mismatch("log-level none\n----\n"))
        #expect(long.description == "file:1: expected the end, got `ok`")
    }

    @Test(
        "a scenario file of nothing, or of something else, fails",
        arguments: ["", "# only this\n", "what is this\n", "{}\n"])
    func garbage(_ text: String) {
        #expect(mismatch(text) != nil)
        #expect(mismatch(text, .protocolOnly) != nil)
    }

    @Test("an unknown directive fails with its name, first or later")
    func unknownDirective() {
        #expect(mismatch("frobnicate 1\n----\nok\n")?.actual == "unknown command: frobnicate")
        #expect(
            mismatch("log-level none\n----\nok\n\nfrobnicate 1\n----\nok\n")?.actual == "unknown command: frobnicate")
        #expect(
            mismatch("vote cfg=(1) votes=(y)\n----\nVoteWon\n\nelect\n----\nok\n")?.actual == "unknown command: elect")
        #expect(mismatch("simple\nv1\n----\nx\n")?.actual == "voters=(1)")
    }

    @Test("protocol mode leaves out log lines, blank lines and a lone ok")
    func protocolMode() {
        let lines: [Substring] = ["  INFO x", "DEBUG y", "", "ok", "INFORMAL", "> 1 handling Ready"]
        #expect(Comparison.protocolOnly.reduce(lines) == ["INFORMAL", "> 1 handling Ready"])
        #expect(Comparison.exact.reduce(lines) == lines)
    }

    @Test("wrong use of a command is told, and stops nothing")
    func misuse() {
        let results = run(
            "log-level loud", "log-level ERROR", "add-nodes", "add-nodes 1 voters=(1)", "add-nodes 1 colour=red",
            "add-nodes 1 voters=(1) index=2 read-only=never", "add-nodes 1 voters=(1) index=2 read-only=lease-based",
            "add-nodes 1 voters=(1) index=2 inflight=0", "add-nodes 1 max-inflight-bytes=5",
            "add-nodes 2 voters=(1,2) index=3", "campaign", "campaign 3", "propose 1", "compact 1 x", "compact 1 99",
            "compact 1 3", "deliver-msgs 7", "deliver-msgs x", "deliver-msgs 1 type=MsgNone", "deliver-msgs drop=(7)",
            "report-unreachable 1", "report-snapshot 1 2 maybe", "process-ready 0", "transfer-leadership from=1",
            "propose-conf-change 1 v1=true", "propose-conf-change 1 transition=slow", "propose-conf-change 1 how=slow",
            "set-randomized-election-timeout 1", "stabilize 4", "_breakpoint", "raft-log 1", "status 1")
        #expect(
            results == [
                "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]", "ok", "how many nodes?",
                "index must be specified as > 1 due to bootstrap", "unknown option colour",
                "invalid read-only option \"never\"",
                "CheckQuorum must be enabled when ReadOnlyOption is ReadOnlyLeaseBased",
                "max inflight messages must be greater than 0", "max inflight bytes must be >= max message size", "ok",
                "there is no node without a number", "there is no node 3", "propose needs one more word",
                "compact to where?", "requested entry at index is unavailable",
                "requested index is unavailable due to compaction", "there is no node 7", "no node id: x",
                "unknown message type MsgNone", "no messages\n", "report-unreachable needs one more word",
                "neither ok nor fail: maybe", "there is no node 0", "transfer leadership to whom?",
                "v1 conf change can only have one operation and no transition", "unknown transition slow",
                "unknown command how", "which timeout?", "there is no node 4", "ok",
                "log is empty: first index=4, last index=3", "ok",
            ])
    }

    @Test("a quiet level hides everything but errors")
    func quiet() {
        let results = run(
            "log-level none", "add-nodes 1 voters=(1) index=2", "raft-state", "raft-log 1", "propose 1 x", "campaign 1",
            "process-ready 1", "log-level debug", "process-append-thread 1", "process-apply-thread 1", "deliver-msgs 1",
            "process-ready 1 1")
        #expect(results[..<8] == ["ok", "ok", "ok", "ok", "raft proposal dropped", "ok", "ok", "ok"])
        #expect(results[8] == "no append work to perform")
        #expect(results[9] == "no apply work to perform")
        #expect(results[10] == "no messages\n")
        #expect(results[11].hasPrefix("> 1 handling Ready\n  Ready MustSync=true:\n  Lead:1 State:StateLeader\n"))
    }

    @Test("lines below a command are further commands")
    func severalCommands() {
        #expect(
            mismatch(
                """
                log-level none
                add-nodes 1 voters=(1) index=2
                campaign 1
                stabilize
                log-level debug
                raft-state
                frobnicate
                ----
                1: StateLeader (Voter) Term:1 Lead:1
                unknown command: frobnicate
                """) == nil)
    }

    @Test("indented output is indented again, line by line")
    func indentation() {
        var environment = InteractionEnvironment()
        try? environment.indented { inner throws(InteractionEnvironment.Failure) in
            inner.emit("a\n")
            try inner.indented { $0.emit("b\nc") }
        }
        #expect(environment.output == "  a\n    b\n    c\n")
    }

    @Test("quorum files have their output for every kind of configuration and for input that does not fit")
    func quorums() {
        let environment = QuorumEnvironment()
        let perform = { (line: String) in Case(line).map { environment.perform($0) } }
        #expect(
            perform("committed cfg=(1,2) idx=(5)")
                == "error: mismatched input (explicit or _) for voters map[1:{} 2:{}]: [5]")
        #expect(
            perform("vote cfg=(1) cfgj=(2) votes=(y,n,_)")
                == "error: mismatched input (explicit or _) for voters map[1:{} 2:{}]: [2 1 0]")
        #expect(perform("committed cfg=() cfgj=zero idx=()") == "<empty majority quorum>∞")
        #expect(perform("committed cfg=(1) cfgj=zero idx=(7)") == "     idx\n>      7    (id=1)\n7")
        #expect(
            perform("committed cfg=(1,2) cfgj=(2,12) idx=(7,_,100000)")
                == "       idx\nx>       7    (id=1)\n?        0    (id=2)\nxx>  100000    (id=c)\n0")
        #expect(
            perform("committed cfg=(1,2,3) idx=(5,5,5)")
                == "       idx\n>        5    (id=1)\n>        5    (id=2)\n>        5    (id=3)\n5")
        #expect(perform("vote cfgj=zero") == "VoteWon" && perform("vote cfg=(1,2,3) votes=(n,_,n)") == "VoteLost")
        #expect(perform("vote cfg=(1,2,3) cfgj=(3,4,5) votes=(y,y,_,y,_)") == "VotePending")
    }

    @Test("membership files refuse changes in the words of the scenarios")
    func changes() {
        var environment = ConfChangeEnvironment()
        func perform(_ directive: String, _ input: String = "") -> String {
            var test = Case(directive)!
            test.input = input
            return environment.perform(test)
        }
        #expect(perform("simple", "l1") == "removed all voters")
        #expect(perform("enter-joint", "v1") == "can't make a zero-voter config joint")
        #expect(perform("leave-joint") == "can't leave a non-joint config")
        #expect(perform("simple", "v1") == "voters=(1)\n1: StateProbe match=0 next=3\n")
        #expect(perform("simple", "v2 v3") == "more than one voter changed without entering joint config")
        #expect(perform("simple", "r1") == "removed all voters")
        #expect(perform("simple", "x1") == "unknown input: x1")
        #expect(perform("simple", "v") == "unknown token v")
        #expect(perform("simple", "v0 u1") == "voters=(1)\n1: StateProbe match=0 next=3\n")
        #expect(
            perform("enter-joint autoleave=true", "v2 l3 l1")
                == "voters=(2)&&(1) learners=(3) learners_next=(1) autoleave\n1: StateProbe match=0 next=3\n"
                + "2: StateProbe match=0 next=9\n3: StateProbe match=0 next=9 learner\n")
        #expect(perform("enter-joint") == "config is already joint")
        #expect(perform("simple", "v4") == "can't apply simple config change in joint config")
        #expect(perform("leave-joint", "v1") == "this command takes no input")
        #expect(
            perform("leave-joint")
                == "voters=(2) learners=(1 3)\n1: StateProbe match=0 next=3 learner\n"
                + "2: StateProbe match=0 next=9\n3: StateProbe match=0 next=9 learner\n")
        #expect(perform("leave") == "unknown command")
    }
}
