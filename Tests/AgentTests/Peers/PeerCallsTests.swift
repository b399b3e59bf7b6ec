import API
import Contract
import Fleet
import Manifest
import Mesh
import NIOPosix
import Primitives
import Testing

@testable import Agent

@Suite("What a node asks of another")
struct PeerCallsTests {
    private static let web = KindInfo.virtualMachine.key(namespace: "default", name: "web")

    private func log(
        of holder: SilentHolder, limit: Int, answerMilliseconds: Int64
    ) async -> Result<ConsoleAnswer, APIStatus> {
        let calls = PeerCalls(
            dialer: Dialer(identity: Identity(), group: MultiThreadedEventLoopGroup.singleton),
            answerMilliseconds: answerMilliseconds)
        do throws(APIStatus) {
            return .success(
                try await calls.consoleLog(
                    Self.web, on: "node-1", holder.fleet, offset: 5, limit: limit, tailLines: nil))
        } catch {
            return .failure(error)
        }
    }

    @Test("a log whose holder falls silent in the middle is given up", .timeLimit(.minutes(1)))
    func silent() async throws {
        let holder = try await SilentHolder(answering: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        let answer = await log(of: holder, limit: 1000, answerMilliseconds: 500)
        guard case .failure(let status) = answer, status.reason == .serviceUnavailable else {
            Issue.record("\(answer)")
            return
        }
        #expect(status.message.contains("node-1 holds web") && status.message.contains("500 ms"))
        await holder.stop()
    }

    @Test("a log that is larger than was asked for is not taken", .timeLimit(.minutes(1)))
    func endless() async throws {
        let holder = try await SilentHolder(
            answering: "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + String(repeating: "x", count: 5000))
        let answer = await log(of: holder, limit: 1000, answerMilliseconds: 60_000)
        guard case .failure(let status) = answer, status.reason == .serviceUnavailable else {
            Issue.record("\(answer)")
            return
        }
        #expect(status.message.contains("more than the 1000 bytes"))
        await holder.stop()
    }

    @Test("a log that is all there is taken as it is, with the place where it goes on", .timeLimit(.minutes(1)))
    func whole() async throws {
        let holder = try await SilentHolder(
            answering: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nBlixard-Next-Offset: 8\r\n\r\nabc")
        let answer = await log(of: holder, limit: 3, answerMilliseconds: 60_000)
        guard case .success(let piece) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(piece.bytes == Array("abc".utf8) && piece.nextOffset == 8)
        await holder.stop()
    }

    @Test(
        "places of a log that no log has end nobody, whichever node tells them", .timeLimit(.minutes(1)),
        arguments: [Int64.min, -1, .max])
    func places(number: Int64) async throws {
        let headers = ["Next", "Kept", "End"].map { "Blixard-\($0)-Offset: \(number)\r\n" }.joined()
        let holder = try await SilentHolder(answering: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\(headers)\r\nabc")
        let answer = await log(of: holder, limit: 3, answerMilliseconds: 60_000)
        guard case .success(let piece) = answer else {
            Issue.record("\(answer)")
            return
        }
        // What is no place is as if it had not been said: the log goes on behind what came.
        let next = number < 0 ? 8 : number
        #expect(piece.nextOffset == next && piece.offset == next - 3)
        await holder.stop()
    }

    @Test("connections to those who are no members any more are let go", .timeLimit(.minutes(1)))
    func pruned() async throws {
        let holder = try await SilentHolder(answering: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
        let calls = PeerCalls(
            dialer: Dialer(identity: Identity(), group: MultiThreadedEventLoopGroup.singleton),
            answerMilliseconds: 60_000)
        _ = try await calls.consoleLog(Self.web, on: "node-1", holder.fleet, offset: nil, limit: 3, tailLines: nil)
        #expect(calls.count == 1)
        calls.keep([holder.key])
        #expect(calls.count == 1)
        calls.keep([])
        #expect(calls.count == 0)
        await holder.stop()
    }
}
