import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

@Suite("Watches as values")
struct WatchFeedTests {
    private let backend = FakeBackend(admin: Samples.admin)
    private let web = Samples.machine("web")
    private let db = Samples.machine("db")

    private func feed(
        _ query: String, kind: KindInfo = .virtualMachine, table: Bool = false, pieceBytes: Int = 64 << 10
    ) throws -> WatchFeed {
        let query = try QueryItems(query)
        let list = try ListRequest(
            kind: kind, namespace: kind.namespaced ? "default" : nil, query: query, accept: table ? "as=Table" : "")
        return WatchFeed(
            request: try WatchRequest(list: list, query: query), specs: FullSpecCache(), pieceBytes: pieceBytes)
    }

    /// `TYPE name` of each line.
    private func told(_ step: WatchFeed.Step) throws -> [String] {
        guard case .lines(let bytes) = step else { return ["END"] }
        return try bytes.split(separator: 0x0a).map { line in
            let json = try JSON(parsing: Array(line))
            let object = json["object"]?["rows"]?[0]?["object"] ?? json["object"]
            return "\(json["type"]?.string ?? "") \(object?["metadata"]?["name"]?.string ?? "")"
        }
    }

    @Test("A watch without a version tells everything there is first, then each change")
    func fromNothing() throws {
        backend.put([Samples.put(web), Samples.put(db)])
        var feed = try feed("watch=true")
        #expect(try told(feed.begin(Samples.view(backend.fleet))) == ["ADDED db", "ADDED web"])
        backend.put([Samples.put(web, spec: #"{"vcpus":2}"#)])
        backend.delete(db)
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == ["MODIFIED web", "DELETED db"])
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == [])
    }

    @Test("A watch with a version tells only what came after it")
    func replay() throws {
        backend.put([Samples.put(web)])
        let version = backend.fleet.revision
        backend.put([Samples.put(db)])
        var feed = try feed("watch=true&resourceVersion=\(version)")
        #expect(try told(feed.begin(Samples.view(backend.fleet))) == ["ADDED db"])
    }

    @Test("A version that is no longer kept, or was never, ends the watch with 410")
    func expired() throws {
        backend.put([Samples.put(web)])
        let restored = try Fleet(snapshot: backend.fleet.encodeSnapshot())
        var feed = try feed("watch=true&resourceVersion=1")
        guard case .end(let bytes) = feed.begin(Samples.view(restored)) else {
            Issue.record("not ended")
            return
        }
        let line = try JSON(parsing: Array(bytes.dropLast()))
        #expect(line["type"] == "ERROR")
        #expect(line["object"]?["code"] == 410)
        #expect(line["object"]?["reason"] == "Expired")
    }

    @Test("An object that begins or ceases to match a selector is added or deleted")
    func selectors() throws {
        backend.put([Samples.put(web, labels: ["app": "a"]), Samples.put(db)])
        var feed = try feed("watch=true&labelSelector=app%3Da")
        #expect(try told(feed.begin(Samples.view(backend.fleet))) == ["ADDED web"])
        backend.put([Samples.put(db, labels: ["app": "a"])])
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == ["ADDED db"])
        backend.put([Samples.put(web, labels: ["app": "b"])])
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == ["DELETED web"])
        backend.put([Samples.put(web, labels: ["app": "c"])])
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == [])
    }

    @Test("A selected watch from a version knows what matched then")
    func selectedReplay() throws {
        backend.put([Samples.put(web, labels: ["app": "a"]), Samples.put(db, labels: ["app": "a"])])
        let version = backend.fleet.revision
        backend.put([Samples.put(web, labels: ["app": "b"])])
        backend.put([Samples.put(db, labels: ["app": "a", "x": "y"])])
        var feed = try feed("watch=true&labelSelector=app%3Da&resourceVersion=\(version)")
        #expect(try told(feed.begin(Samples.view(backend.fleet))).first == "DELETED web")
        backend.put([Samples.put(db, labels: ["app": "a", "x": "z"])])
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == ["MODIFIED db"])
    }

    @Test("Machines of a node that falls silent, or is back, are told anew")
    func silence() throws {
        backend.put([Samples.put(web), Samples.put(db)])
        backend.bind(web)
        func view(_ silent: Int64) -> ClusterView {
            Samples.view(
                backend.fleet,
                liveness: [
                    "node-1": NodeContact(
                        lastHeardMilliseconds: silent, roundTripMicroseconds: nil, connected: true, lag: nil,
                        role: "Follower")
                ], localID: 2)
        }
        var feed = try feed("watch=true")
        _ = feed.begin(view(100))
        #expect(try told(feed.advance(view(200))) == [])
        #expect(try told(feed.advance(view(6000))) == ["MODIFIED web"])
        #expect(try told(feed.advance(view(7000))) == [])
        #expect(try told(feed.advance(view(10))) == ["MODIFIED web"])
    }

    @Test("The columns of a table come once")
    func columns() throws {
        backend.put([Samples.put(web), Samples.put(db)])
        var feed = try feed("watch=true", table: true)
        guard case .lines(let bytes) = feed.begin(Samples.view(backend.fleet)) else {
            Issue.record("no lines")
            return
        }
        let lines = try bytes.split(separator: 0x0a).map { try JSON(parsing: Array($0)) }
        #expect(lines[0]["object"]?["columnDefinitions"]?.array?.count == TableColumn.machines.count)
        #expect(lines[1]["object"]?["columnDefinitions"]?.array?.isEmpty == true)
        #expect(lines[1]["object"]?["rows"]?.array?.count == 1)
    }

    @Test("A watch that is a list too marks where the list ends")
    func initialEvents() throws {
        backend.put([Samples.put(web)])
        var feed = try feed("watch=true&sendInitialEvents=true&allowWatchBookmarks=true")
        #expect(try told(feed.begin(Samples.view(backend.fleet))) == ["ADDED web", "BOOKMARK "])
    }

    @Test("Events are told when they first happen and when they happen again")
    func events() throws {
        backend.put([Samples.put(web)])
        backend.bind(web)
        var feed = try feed("watch=true", kind: .event)
        _ = feed.begin(Samples.view(backend.fleet))
        let draft = EventDraft(
            regarding: web, uid: nil, type: .normal, reason: "Started", message: "up", source: "node-1")
        backend.report(web, events: [draft])
        let first = try told(feed.advance(Samples.view(backend.fleet)))
        #expect(first.count == 1 && first[0].hasPrefix("ADDED web."))
        backend.report(web, phase: .stopped, events: [draft])
        #expect(try told(feed.advance(Samples.view(backend.fleet))) == [first[0].replacing("ADDED", with: "MODIFIED")])
    }

    @Test("Lines come in pieces of a bounded size, and nothing is lost between them")
    func pieces() throws {
        let keys = (0..<40).map { Samples.machine("m\(10 + $0)") }
        backend.put(keys.map { Samples.put($0) })
        var feed = try feed("watch=true&sendInitialEvents=true&allowWatchBookmarks=true", pieceBytes: 1000)
        var lines = try told(feed.begin(Samples.view(backend.fleet)))
        #expect(feed.isBehind)
        #expect(lines.count < 10)
        // What changes meanwhile comes behind the beginning.
        backend.put(keys.map { Samples.put($0, spec: #"{"vcpus":2}"#) })
        var steps = 0
        while feed.isBehind {
            let more = try told(feed.advance(Samples.view(backend.fleet)))
            #expect(more.count < 10)
            lines += more
            steps += 1
        }
        #expect(steps > 10)
        let names = keys.map(\.name)
        #expect(lines == names.map { "ADDED \($0)" } + ["BOOKMARK "])
        lines = []
        repeat { lines += try told(feed.advance(Samples.view(backend.fleet))) } while feed.isBehind
        #expect(lines == names.map { "MODIFIED \($0)" })
        #expect(feed.cursor == backend.fleet.revision)
    }
}
