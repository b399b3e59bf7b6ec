import Glibc
import Testing

@testable import QEMU

@Suite("Headers of qcow2 files")
struct QCOW2HeaderTests {
    private static func number(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
    }

    /// A header as QEMU writes it, of 1 GiB in clusters of 64 KiB.
    static func sample(version: UInt32 = 3, extensions: [UInt8] = []) -> [UInt8] {
        var bytes = Array("QFI".utf8) + [0xfb] + number(UInt64(version), 4)
        bytes += number(0, 8) + number(0, 4)  // No backing file.
        bytes += number(16, 4) + number(1 << 30, 8) + number(0, 4)  // Cluster bits, size, encryption.
        bytes += number(2, 4) + number(3 << 16, 8)  // First table.
        bytes += number(1 << 16, 8) + number(1, 4) + number(0, 4) + number(0, 8)  // Counts, snapshots.
        if version == 3 { bytes += number(0, 24) + number(4, 4) + number(112, 4) + number(0, 8) }
        bytes += extensions + number(0, 8)
        return bytes + [UInt8](repeating: 0, count: 512 - bytes.count)
    }

    private static let fileBytes: Int64 = 4 << 16

    /// What keeps an image from being used; nil if nothing does.
    private func problem(_ bytes: [UInt8], fileBytes: Int64 = Self.fileBytes) -> String? {
        do throws(QCOW2Header.Problem) {
            return try QCOW2Header(bytes).problemAsImage(fileBytes: fileBytes)
        } catch {
            return error.description
        }
    }

    @Test(
        "Headers of qcow2 files are read in both versions, and their files are images", arguments: [2, 3] as [UInt32])
    func sound(version: UInt32) throws {
        let header = try QCOW2Header(Self.sample(version: version))
        #expect(header.virtualBytes == 1 << 30 && header.backingFile == nil && !header.hasDataFile)
        #expect(header.problemAsImage(fileBytes: Self.fileBytes) == nil)
    }

    private static func changed(_ place: Int, _ bytes: [UInt8], in header: [UInt8] = sample()) -> [UInt8] {
        var header = header
        header.replaceSubrange(place..<place + bytes.count, with: bytes)
        return header
    }

    private static func withBacking(_ name: String) -> [UInt8] {
        let named = changed(200, Array(name.utf8))
        return changed(16, number(UInt64(name.utf8.count), 4), in: changed(8, number(200, 8), in: named))
    }

    @Test(
        "qcow2 files are no images when they lead elsewhere, need what is unknown, or hold numbers that can't be",
        arguments: [
            (withBacking("/etc/shadow"), "backing file"), (withBacking(""), "backing file"),
            (withBacking("json:{}"), "backing file"),
            (changed(79, [4]), "another file"),
            (sample(extensions: number(0x4441_5441, 4) + number(2, 4) + [47, 97, 0, 0, 0, 0, 0, 0]), "another file"),
            (changed(79, [2]), "corrupt"), (changed(79, [32]), "unknown"), (changed(72, [0x80]), "unknown"),
            (changed(79, [8]), "compressed"), (changed(104, [1]), "compressed"), (changed(104, [9]), "compressed"),
            (changed(35, [1]), "encrypted"), (changed(35, [2]), "encrypted"),
            (changed(23, [8]), "clusters"), (changed(23, [22]), "clusters"), (changed(20, [255]), "clusters"),
            (changed(24, [0xff]), "size"), (changed(24, number(.max, 8)), "size"),
            (changed(26, [1]), "first table"), (changed(36, number(.max, 4)), "first table"),
            (changed(39, [0]), "first table"), (changed(47, [1]), "cluster"), (changed(40, [0xff]), "cluster"),
            (changed(40, [0x10]), "beyond its end"), (changed(40, number(4 << 16, 8)), "beyond its end"),
            (changed(55, [1]), "cluster"), (changed(56, number(.max, 4)), "reference counts"),
            (changed(59, [0]), "reference counts"), (changed(59, [2]), nil), (changed(59, [4]), "beyond its end"),
            (changed(60, [0xff]), "snapshots"), (changed(63, [1]), "snapshots"),
            (changed(8, number(.max, 8)), "backing file"), (changed(8, number(1 << 15, 8)), "backing file"),
            (changed(16, number(.max, 4), in: withBacking("a")), "backing file"),
            (changed(99, [7]), "reference counts"), (changed(103, [100]), "header"), (changed(103, [105]), "header"),
            (changed(100, [1]), "header"), (changed(7, [4]), "version"), (changed(7, [1]), "version"),
            (sample(extensions: number(5, 4) + number(.max, 4)), "extension"),
            (sample(extensions: number(5, 4) + number(60_000, 4)), "extension"),
            (Array("KDMV".utf8) + [UInt8](repeating: 0, count: 600), "no qcow2"), ([], "no qcow2"),
        ] as [([UInt8], String?)])
    func refused(bytes: [UInt8], reason: String?) {
        let found = problem(bytes)
        if let reason { #expect(found?.contains(reason) == true, "\(found ?? "none")") } else { #expect(found == nil) }
    }

    @Test("Headers of qcow2 files that are cut off anywhere are refused, or say the same")
    func truncated() {
        for bytes in [Self.sample(version: 2), Self.sample(), Self.withBacking("/etc/shadow")] {
            let whole = problem(bytes)
            for length in 0..<bytes.count {
                let found = problem(Array(bytes.prefix(length)))
                #expect(found != nil || whole == nil)
            }
        }
    }

    @Test("Headers of qcow2 files with any bit flipped never name another file unnoticed")
    func flipped() {
        for bytes in [Self.sample(version: 2), Self.sample(), Self.withBacking("/etc/shadow")] {
            for place in 0..<bytes.count * 8 {
                var flipped = bytes
                flipped[place / 8] ^= 1 << UInt8(place % 8)
                guard problem(flipped) == nil else { continue }
                #expect(flipped[8..<16].allSatisfy { $0 == 0 }, "a backing file after a flip of bit \(place)")
                #expect(flipped[32..<36].allSatisfy { $0 == 0 })
                if flipped[7] == 3 { #expect(flipped[72..<80].allSatisfy { $0 == 0 } || flipped[79] & ~0x11 == 0) }
            }
        }
    }

    @Test("Headers of qcow2 files name the backing file of a machine's own disk, and its format")
    func ownDisk() throws {
        var bytes = Self.sample(
            extensions: Self.number(0xe279_2aca, 4) + Self.number(3, 4) + Array("raw".utf8) + [0, 0, 0, 0, 0])
        bytes = Self.changed(16, Self.number(6, 4), in: Self.changed(8, Self.number(200, 8), in: bytes))
        bytes = Self.changed(200, Array("../a.b".utf8), in: bytes)
        let header = try QCOW2Header(bytes)
        #expect(header.backingFile == "../a.b" && header.backingFormat == "raw")
    }
}
