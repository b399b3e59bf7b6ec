/// A short 16-bit program as a table of instructions; turns labels into the distances that the processor wants.
///
/// It knows exactly the forms that the built-in guest uses. Programs are position independent.
struct Assembly {
    /// Opcodes of jumps that carry a signed distance of one byte.
    enum Jump: UInt8 {
        case always = 0xeb
        case ifZero = 0x74
        case ifNotZero = 0x75
    }

    private enum Row {
        case bytes([UInt8])
        case jump(Jump, to: String)
        /// The distance from one label to another as one byte.
        case distance(from: String, to: String)
        case label(String)

        var size: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .jump: 2
            case .distance: 1
            case .label: 0
            }
        }
    }

    private var rows: [Row] = []

    /// An instruction, with what a disassembler calls it.
    mutating func code(_ bytes: [UInt8], _ mnemonic: StaticString) {
        rows.append(.bytes(bytes))
    }

    mutating func jump(_ jump: Jump, to label: String) {
        rows.append(.jump(jump, to: label))
    }

    mutating func label(_ name: String) {
        rows.append(.label(name))
    }

    /// An instruction whose last byte is the distance between two labels.
    mutating func code(_ bytes: [UInt8], distanceFrom start: String, to end: String, _ mnemonic: StaticString) {
        rows.append(.bytes(bytes))
        rows.append(.distance(from: start, to: end))
    }

    mutating func data(_ bytes: some Sequence<UInt8>) {
        rows.append(.bytes(Array(bytes)))
    }

    /// The program's bytes. A label that is missing or too far away is a programmer error.
    func assembled() -> [UInt8] {
        var places: [String: Int] = [:]
        var place = 0
        for row in rows {
            if case .label(let name) = row {
                precondition(places.updateValue(place, forKey: name) == nil, "label \(name) is there twice")
            }
            place += row.size
        }
        func find(_ label: String) -> Int {
            guard let place = places[label] else { preconditionFailure("no label \(label)") }
            return place
        }
        func byte(_ distance: Int) -> UInt8 {
            guard let short = Int8(exactly: distance) else { preconditionFailure("\(distance) bytes are too far") }
            return UInt8(bitPattern: short)
        }
        var bytes: [UInt8] = []
        for row in rows {
            switch row {
            case .bytes(let code): bytes += code
            // A jump counts from behind itself.
            case .jump(let jump, let label): bytes += [jump.rawValue, byte(find(label) - bytes.count - 2)]
            case .distance(let start, let end): bytes.append(byte(find(end) - find(start)))
            case .label: break
            }
        }
        return bytes
    }
}
