import Primitives
import Testing

@Suite struct ByteCodingTests {
    private func sample() -> ByteWriter {
        var writer = ByteWriter()
        writer.write(7 as UInt8)
        writer.write(fixed: 0xdead_beef as UInt32)
        writer.write(varint: UInt64.max)
        writer.write(varint: 300)
        writer.write(signed: Int64.min)
        writer.write(true)
        writer.write(prefixed: [1, 2, 3])
        writer.write("héllo")
        return writer
    }

    private func read(_ bytes: [UInt8]) throws(DecodingFailure) {
        var reader = ByteReader(bytes)
        #expect(try reader.readByte() == 7)
        #expect(try reader.readFixed(UInt32.self) == 0xdead_beef)
        #expect(try reader.readVarint() == .max)
        #expect(try reader.readVarint() == 300)
        #expect(try reader.readSigned() == .min)
        #expect(try reader.readBool())
        #expect(try reader.readPrefixed() == [1, 2, 3])
        #expect(try reader.readString() == "héllo")
        try reader.finish()
    }

    @Test("What the writer wrote, the reader reads")
    func roundTrip() throws {
        try read(sample().bytes)
    }

    @Test("Integers of every width of LEB128 go there and back")
    func varints() throws {
        for shift in 0..<64 {
            for value in [1 << UInt64(shift), (1 << UInt64(shift)) - 1] as [UInt64] {
                var writer = ByteWriter()
                writer.write(varint: value)
                writer.write(signed: Int64(bitPattern: value))
                writer.write(signed: 0 &- Int64(bitPattern: value))
                var reader = ByteReader(writer.bytes)
                #expect(try reader.readVarint() == value)
                #expect(try reader.readSigned() == Int64(bitPattern: value))
                #expect(try reader.readSigned() == 0 &- Int64(bitPattern: value))
                try reader.finish()
            }
        }
    }

    @Test("Bytes cut anywhere are a failure, never a crash")
    func truncation() {
        let bytes = sample().bytes
        for length in 0..<bytes.count {
            var reader = ByteReader(Array(bytes[..<length]))
            #expect(throws: DecodingFailure.self) {
                _ = try reader.readByte()
                _ = try reader.readFixed(UInt32.self)
                _ = try reader.readVarint()
                _ = try reader.readVarint()
                _ = try reader.readSigned()
                _ = try reader.readBool()
                _ = try reader.readPrefixed()
                _ = try reader.readString()
            }
        }
    }

    @Test("Hostile counts, too long integers, wrong booleans, broken text and left-over bytes are refused")
    func hostile() {
        var count = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
        #expect(throws: DecodingFailure.self) { try count.readPrefixed() }
        var long = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02])
        #expect(throws: DecodingFailure.self) { try long.readVarint() }
        var bool = ByteReader([2])
        #expect(throws: DecodingFailure.self) { try bool.readBool() }
        var text = ByteReader([2, 0xc3, 0x28])
        #expect(throws: DecodingFailure.self) { try text.readString() }
        #expect(throws: DecodingFailure(.trailing(1), offset: 0)) { try ByteReader([1]).finish() }
    }

    @Test("Lists and optional values go there and back")
    func collections() throws {
        var reader = ByteReader([3, 5, 6, 7, 1, 9, 0])
        #expect(try reader.readList { reader throws(DecodingFailure) in try reader.readByte() } == [5, 6, 7])
        #expect(try reader.readOptional { reader throws(DecodingFailure) in try reader.readByte() } == 9)
        #expect(try reader.readOptional { reader throws(DecodingFailure) in try reader.readByte() } == nil)
        #expect(reader.isAtEnd)
    }
}
