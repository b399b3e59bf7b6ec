import Glibc
import Host
import Primitives
import TestFiles
import Testing

@Suite("Appending to files")
struct AppendTests {
    /// Content of any length that a position determines.
    private func bytes(_ count: Int, from start: Int) -> [UInt8] {
        (start..<start + count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    /// A file of a file system that is made for the test and removed after it.
    private func withFile(in parent: String, bytes: Int, _ body: (any DiskFile) throws -> Void) throws {
        try TemporaryDirectory.with(named: "append", in: parent) { directory in
            let file = try FileSystemDisk().create(directory + "/file")
            defer { file.close() }
            try file.allocate(bytes)
            try body(file)
        }
    }

    @Test(
        "Appended pieces of any length stand one after another, with zeros behind them",
        arguments: ["/var/tmp", "/dev/shm"])
    func pieces(parent: String) throws {
        try withFile(in: parent, bytes: 8 << 20) { file in
            var generator = SeededGenerator(seed: 1)
            var end = 0
            for round in 0..<80 {
                let isLarge = round % 40 == 39
                let count = Int.random(in: 0...(isLarge ? 1_300_000 : 9000), using: &generator)
                try file.append(bytes(count, from: end), at: end)
                end += count
                let tail = try file.read(at: max(0, end - 10_000), count: 20_000)
                let shown = min(end, 10_000)
                #expect(Array(tail[..<shown]) == bytes(shown, from: end - shown))
                #expect(tail[shown...].allSatisfy { $0 == 0 })
            }
            #expect(try file.read(at: 0, count: end) == bytes(end, from: 0))
            #expect(try file.size() == 8 << 20)
        }
    }

    @Test("An append does not have to continue the one before, and other writes between are kept")
    func mixedWithWrites() throws {
        try withFile(in: "/var/tmp", bytes: 32 << 10) { file in
            try file.append(bytes(100, from: 0), at: 0)
            try file.write(bytes(50, from: 100), at: 100)
            try file.append(bytes(5000, from: 150), at: 150)
            try file.write([9], at: 20)
            try file.append(bytes(10, from: 5150), at: 5150)
            var expected = bytes(5160, from: 0)
            expected[20] = 9
            #expect(try file.read(at: 0, count: 5160) == expected)
        }
    }

    @Test("A file whose length is no multiple of a block keeps it", arguments: [1, 511, 4095, 4097, 6144])
    func oddLengths(length: Int) throws {
        try withFile(in: "/var/tmp", bytes: length) { file in
            for offset in stride(from: 0, to: length, by: 400) {
                try file.append(bytes(min(400, length - offset), from: offset), at: offset)
            }
            #expect(try file.size() == length)
            #expect(try file.read(at: 0, count: length + 1) == bytes(length, from: 0))
        }
    }

    @Test("What is filled reads as zeros, in its place, and what stands before it is kept")
    func fill() throws {
        try withFile(in: "/var/tmp", bytes: 3 << 20) { file in
            try file.append(bytes(5000, from: 0), at: 0)
            try file.fill(from: 5000, to: 3 << 20)
            #expect(try file.read(at: 0, count: 5000) == bytes(5000, from: 0))
            #expect(try file.read(at: 5000, count: 3 << 20).allSatisfy { $0 == 0 })
            #expect(try file.size() == 3 << 20)
        }
    }

    @Test("Reserved space reads as zeros and is taken from the disk at once")
    func allocation() throws {
        try withFile(in: "/var/tmp", bytes: 1 << 20) { file in
            var status = stat()
            #expect(stat(file.path, &status) == 0)
            #expect(status.st_size == 1 << 20)
            #expect(status.st_blocks * 512 >= 1 << 20)
            #expect(try file.read(at: 0, count: 1 << 20).allSatisfy { $0 == 0 })
            try file.append([1, 2, 3], at: 0)
            // A second reservation takes nothing away.
            try file.allocate(2 << 20)
            #expect(try file.read(at: 0, count: 4) == [1, 2, 3, 0])
            #expect(try file.size() == 2 << 20)
        }
    }

    @Test("An append to a full device, or without the right to write, throws")
    func failures() throws {
        try withFile(in: "/var/tmp", bytes: 8192) { file in
            let reader = try FileSystemDisk().open(file.path, for: .reading)
            defer { reader.close() }
            // Root may reopen anything for writing, but not through a descriptor that reads.
            if getuid() != 0 { #expect(throws: DiskError.self) { try reader.append([1], at: 0) } }
        }
        let full = try FileSystemDisk().open("/dev/full", for: .readingAndWriting)
        defer { full.close() }
        let failure = #expect(throws: DiskError.self) { try full.append([1, 2, 3], at: 0) }
        #expect(failure?.isOutOfSpace == true)
    }
}

@Suite("CRC-32C by instruction")
struct ChecksumInstructionTests {
    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { ChecksumInstruction.crc32c(continuing: 0, $0) }
    }

    @Test(
        "CRC-32C by instruction gives the published check value",
        .enabled(if: ChecksumInstruction.isThere, "this processor has no such instruction"))
    func checkValue() {
        #expect(checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(checksum([]) == 0)
        #expect(ChecksumInstruction.crc32c(continuing: 7, UnsafeRawBufferPointer(start: nil, count: 0)) == 7)
    }

    @Test(
        "CRC-32C by instruction agrees with the tables at every length, alignment and split",
        .enabled(if: ChecksumInstruction.isThere, "this processor has no such instruction"))
    func agreement() {
        var generator = SeededGenerator(seed: 3)
        let bytes = (0..<400).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes.withUnsafeBytes { buffer in
            for start in 0..<17 {
                for count in 0...300 {
                    let piece = UnsafeRawBufferPointer(rebasing: buffer[start..<start + count])
                    var table = CRC32C()
                    table.update(buffer: piece)
                    #expect(ChecksumInstruction.crc32c(continuing: 0, piece) == table.value)
                    let split = count / 3
                    let first = ChecksumInstruction.crc32c(
                        continuing: 0, UnsafeRawBufferPointer(rebasing: piece[..<split]))
                    let rest = UnsafeRawBufferPointer(rebasing: piece[split...])
                    #expect(ChecksumInstruction.crc32c(continuing: first, rest) == table.value)
                }
            }
        }
    }
}
