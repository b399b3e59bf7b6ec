/// A guest that counts down from a million, prints `K` and ends QEMU with exit code 1: it shows in a moment whether an
/// accelerator really runs code, or only pretends to.
///
/// It is an ELF file with a PVH entry (a Xen note of type 18), which QEMU loads into any x86 machine type.
enum ProbeGuest {
    static let loops: UInt32 = 1_000_000
    /// What it prints first.
    static let mark = UInt8(ascii: "K")
    /// Where `isa-debug-exit` must be for the guest to end QEMU.
    static let exitPort = 0xf4

    private static let loadAddress: UInt32 = 0x10_0000

    static var elf: [UInt8] {
        let headerBytes = 52
        let programHeaderBytes = 32
        let noteOffset = headerBytes + 2 * programHeaderBytes
        let note = words(4, 4, 18) + Array("Xen\0".utf8)
        let codeOffset = noteOffset + note.count + 4
        let entry = loadAddress + UInt32(codeOffset)
        let total = UInt32(codeOffset + code.count)

        var file: [UInt8] = [0x7f] + Array("ELF".utf8) + [1, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += halves(2, 3) + words(1, entry, UInt32(headerBytes), 0, 0)  // executable, i386, entry, headers, flags
        file += halves(UInt16(headerBytes), UInt16(programHeaderBytes), 2, 0, 0, 0)
        // PT_LOAD: the whole file to 1 MiB, readable, writable, executable.
        file += words(1, 0, loadAddress, loadAddress, total, total, 7, 0x1000)
        // PT_NOTE: the address of the 32-bit entry for PVH.
        let noteAddress = loadAddress + UInt32(noteOffset)
        let noteBytes = UInt32(note.count + 4)
        file += words(4, UInt32(noteOffset), noteAddress, noteAddress, noteBytes, noteBytes, 4, 4)
        file += note + words(entry)
        return file + code
    }

    /// 32-bit protected mode.
    private static var code: [UInt8] {
        var code = Assembly()
        code.code([0xfa], "cli")
        code.data([0xb9] + words(loops))  // mov ecx, loops
        code.label("again")
        code.code([0x49], "dec ecx")
        code.jump(.ifNotZero, to: "again")
        code.code([0xba, 0xf8, 0x03, 0x00, 0x00], "mov edx, 0x3f8  ; first serial port")
        code.code([0xb0, mark], "mov al, mark")
        code.code([0xee], "out dx, al")
        code.code([0xba, UInt8(exitPort), 0x00, 0x00, 0x00], "mov edx, exitPort")
        code.code([0xb0, 0x00], "mov al, 0")
        code.code([0xee], "out dx, al      ; QEMU exits with code 0 * 2 + 1")
        code.label("rest")
        code.code([0xf4], "hlt")
        code.jump(.always, to: "rest")
        return code.assembled()
    }

    private static func words(_ values: UInt32...) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) } }
    }

    private static func halves(_ values: UInt16...) -> [UInt8] {
        values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}
