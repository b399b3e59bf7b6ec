import Hypervisor
import JSONText
import Testing

@testable import QEMU

@Suite("A launch record")
struct LaunchRecordTests {
    static let reasons: [StopReason?] = [
        nil, .neverStarted, .guestPoweredOff, .stoppedByRequest, .crashed(message: "x"), .hostRestarted, .unknown,
    ]

    @Test("A launch record reads back as it was written", arguments: reasons)
    func roundTrip(reason: StopReason?) throws {
        var record = exampleRecord()
        record.ended = reason
        #expect(try LaunchRecord(json: JSON(parsing: record.json.prettyBytes)) == record)
        record.process = nil
        #expect(try LaunchRecord(json: JSON(parsing: record.json.canonicalBytes)) == record)
    }

    @Test("A launch record without one of its members is refused, with the member's name")
    func missing() throws {
        let json = exampleRecord().json
        let optional = ["process", "ended", "graceMilliseconds"]
        for key in try #require(json.object).keys where !optional.contains(key) {
            var damaged = json
            damaged[key] = nil
            #expect { try LaunchRecord(json: damaged) } throws: { "\($0)".contains(key) }
            damaged[key] = .array([])
            if key != "arguments" { #expect(throws: LaunchRecord.Problem.self) { try LaunchRecord(json: damaged) } }
        }
    }

    @Test("A launch record that was cut off is refused")
    func truncation() {
        let bytes = exampleRecord().json.canonicalBytes
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes.prefix(length))) }
        }
    }
}
