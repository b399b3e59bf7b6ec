import NIOCore
import Primitives
import Synchronization
import Testing

@testable import Mesh

/// Streams between two ends that mean well.
@Suite struct StreamTests {
    @Test("Bytes pushed arrive whole, and the answer comes back", arguments: [0, 1, 65_536, 5_000_001])
    func push(count: Int) async throws {
        let bytes = pattern(count)
        let received = Shared<[UInt8]>([])
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [7], silenceMilliseconds: nil)
            while let piece = try await stream.read() { received.change { $0 += piece } }
            try await stream.write(Array("thanks".utf8))
            try await stream.finish()
        }
        #expect(try await fixture.push(bytes) == "thanks")
        #expect(received.value == bytes)
        try await eventually("the end") { fixture.server.counters.open == 0 }
        try await eventually("the connection's end") { fixture.listener.server.counters.open == 0 }
        await fixture.stop()
    }

    @Test("Bytes pulled arrive whole, from the held prefix on", arguments: [0, 1, 3_000_000, 4_000_000])
    func pull(held: Int) async throws {
        let bytes = pattern(4_000_000)
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .all(of: bytes), holding: .none, parameters: [], silenceMilliseconds: nil)
            try await stream.write(bytes[Int(stream.resume)...])
            try await stream.finish()
            #expect(try await stream.read() == nil)
        }
        let prefix = HeldPrefix(bytes: UInt64(held), checksum: CRC32C.checksum(bytes.prefix(held)))
        let rest = try await fixture.open(holding: prefix) { stream in
            try await stream.finish()
            return try await stream.readAll(limit: .max)
        }
        #expect(rest == Array(bytes.dropFirst(held)))
        await fixture.stop()
    }

    @Test("Both directions flow at once, with open ends")
    func both() async throws {
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            while let piece = try await stream.read() { try await stream.write(piece) }
            try await stream.finish()
        }
        let bytes = pattern(3_000_000)
        let echoed = try await fixture.open(sending: .open) { stream in
            async let writing: Void = {
                try await stream.write(bytes)
                try await stream.finish()
            }()
            let echoed = try await stream.readAll(limit: .max)
            try await writing
            return echoed
        }
        #expect(echoed == bytes)
        await fixture.stop()
    }

    @Test("A push that is cut goes on where the receiver's bytes end", arguments: [1, 65_536, 999_999, 1_999_999])
    func resume(cutAfter: Int) async throws {
        let bytes = pattern(2_000_000)
        let held = Shared<[UInt8]>([])
        let offsets = Shared<[UInt64]>([])
        let fixture = try await StreamFixture { request in
            let prefix = HeldPrefix(bytes: UInt64(held.value.count), checksum: CRC32C.checksum(held.value))
            offsets.change { $0.append(prefix.bytes) }
            let stream = try await request.accept(
                sending: .open, holding: prefix, parameters: [], silenceMilliseconds: nil)
            while let piece = try await stream.read() {
                let room = prefix.bytes == 0 ? cutAfter - held.value.count : .max
                held.change { $0 += piece.prefix(room) }
                if piece.count >= room { return stream.close() }
            }
            try await stream.write(Array("whole".utf8))
            try await stream.finish()
        }
        #expect(await streamFailure { try await fixture.push(bytes) } != nil)
        #expect(held.value.count == cutAfter)
        #expect(try await fixture.push(bytes) == "whole")
        #expect(held.value == bytes)
        #expect(offsets.value == [0, UInt64(cutAfter)])
        await fixture.stop()
    }

    @Test("A slow reader holds the writer up, and nothing piles up between them")
    func slowReader() async throws {
        let goesOn = Shared(false)
        let total = 64 << 20
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            while !goesOn.value { try await Task.sleep(for: .milliseconds(3)) }
            var count = 0
            while let piece = try await stream.read() { count += piece.count }
            try await stream.write(Array("\(count)".utf8))
            try await stream.finish()
        }
        let written = Shared(0)
        let chunk = pattern(256 << 10)
        var checksum = CRC32C()
        for _ in 0..<(total / chunk.count) { checksum.update(chunk) }
        let extent = StreamExtent.exactly(bytes: UInt64(total), checksum: checksum.value)
        let answer = try await fixture.open(sending: extent) { stream in
            async let watching: Void = {
                // The writer stops by itself: what has gone stays the same from one look to the next.
                var last = -1
                while written.value != last || last == 0 {
                    last = written.value
                    try await Task.sleep(for: .milliseconds(200))
                }
                // What the kernel's two buffers, our window and our buffer can hold.
                #expect(last < 24 << 20)
                goesOn.change { $0 = true }
            }()
            for _ in 0..<(total / chunk.count) {
                try await stream.write(chunk)
                written.change { $0 += chunk.count }
            }
            try await stream.finish()
            try await watching
            return String(decoding: try await stream.readAll(limit: 100), as: UTF8.self)
        }
        #expect(answer == "\(total)")
        await fixture.stop()
    }

    @Test("Streams run beside each other, up to the limits; more are sent away for now")
    func concurrency() async throws {
        var settings = StreamFixture.settings
        settings.streamsPerKey = 4
        let goesOn = Shared(false)
        let fixture = try await StreamFixture(settings: settings) { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            while !goesOn.value { try await Task.sleep(for: .milliseconds(3)) }
            _ = try await stream.readAll(limit: .max)
            try await stream.write(Array("served".utf8))
            try await stream.finish()
        }
        let bytes = pattern(300_000)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { try await fixture.push(bytes) } }
            try await eventually("four streams") { fixture.server.counters.open == 4 }
            let fifth = await streamFailure { try await fixture.push(bytes) }
            #expect(fifth == .busy(reason: "it serves as many streams as it allows"))
            goesOn.change { $0 = true }
            var answers: [String] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        #expect(answers == Array(repeating: "served", count: 4))
        try await eventually("room again") { fixture.server.counters.open == 0 }
        #expect(try await fixture.push(bytes) == "served")
        #expect(fixture.server.counters.postponed == 1)
        await fixture.stop()
    }

    @Test("A handler's refusal, an unknown kind and a handler that says nothing reach the opener as reasons")
    func refusals() async throws {
        let fixture = try await StreamFixture { request in
            if request.header.extent == .open { await request.refuse("no room on the disk") }
            if case .exactly(1, _) = request.header.extent { await request.postpone("another one comes") }
        }
        let open = await streamFailure { try await fixture.open(sending: .open) { _ in } }
        #expect(open == .refused(reason: "no room on the disk"))
        #expect(
            await streamFailure { try await fixture.open(sending: .all(of: [1])) { _ in } }
                == .busy(reason: "another one comes"))
        #expect(
            await streamFailure { try await fixture.open { _ in } } == .refused(reason: "no handler served it"))
        #expect(
            await streamFailure { try await fixture.open(kind: "other") { _ in } }
                == .refused(reason: "it knows no streams of the kind \"other\""))
        await fixture.stop()
    }

    @Test("A node that is not admitted opens no stream, and learns why")
    func notAdmitted() async throws {
        let fixture = try await StreamFixture(admitted: []) { _ in Issue.record("a stranger was served") }
        guard case .unreachable(let error) = await streamFailure({ try await fixture.open { _ in } }) else {
            Issue.record("a stranger got in")
            return
        }
        #expect(error.description.contains("no manifest names the key"))
        await fixture.stop()
    }

    @Test("A stream of a node that is no longer admitted is cut")
    func noLongerAdmitted() async throws {
        let cut = Shared<StreamFailure?>(nil)
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            let failure = await streamFailure { try await stream.readAll(limit: .max) }
            cut.change { $0 = failure }
        }
        let failure = await streamFailure {
            try await fixture.open(sending: .exactly(bytes: 10, checksum: 0)) { stream in
                fixture.listener.admitted.withLock { $0 = [] }
                fixture.listener.server.recheckAdmissions()
                _ = try await stream.read()
            }
        }
        #expect(failure != nil)
        try await eventually("the listener's side") { cut.value != nil }
        await fixture.stop()
    }

    @Test("A reader that is cancelled ends, and the other side sees a cut and not an end")
    func cancelled() async throws {
        let seen = Shared<StreamFailure?>(nil)
        let isOpen = Shared(false)
        let fixture = try await StreamFixture { request in
            let stream = try await request.accept(
                sending: .open, holding: .none, parameters: [], silenceMilliseconds: nil)
            isOpen.change { $0 = true }
            let failure = await streamFailure { try await stream.readAll(limit: .max) }
            seen.change { $0 = failure }
        }
        let reading = Task {
            await streamFailure { try await fixture.open(sending: .open) { try await $0.readAll(limit: .max) } }
        }
        try await eventually("the stream") { isOpen.value }
        reading.cancel()
        #expect(await reading.value != nil)
        try await eventually("the other side") { seen.value != nil }
        if case .cut = seen.value {} else { Issue.record("\(String(describing: seen.value))") }
        await fixture.stop()
    }
}
