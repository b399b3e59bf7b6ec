import Testing

@testable import QEMU

@Suite("Names of disks for QEMU")
struct DeviceNameTests {
    /// Names of every length, and such as could be taken for what is made of others.
    static let names: [String] =
        (1...63).map { String(repeating: "a", count: $0) }
        + (1...42).map { "postgres-data-volume-" + String(repeating: "b", count: $0) }
        + ["data", "data-file", "data-file-file", "postgres-data-volume-a", "postgres-data-volume-b"]

    @Test("every name fits, and no two are the same")
    func fit() {
        let names = Set(Self.names)
        let nodes = names.flatMap { [DeviceName.node(of: $0, suffix: ""), DeviceName.node(of: $0, suffix: "_file")] }
        let serials = names.map(DeviceName.serial)
        #expect(nodes.allSatisfy { $0.utf8.count <= 31 })
        #expect(serials.allSatisfy { $0.utf8.count <= 20 })
        #expect(Set(nodes).count == nodes.count)
        #expect(Set(serials).count == serials.count)
        // What QEMU calls well-formed.
        #expect(nodes.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) } })
    }

    @Test("a name that fits is kept, and a longer one keeps its beginning")
    func kept() {
        #expect(DeviceName.node(of: "root", suffix: "") == "disk-root")
        #expect(DeviceName.node(of: "root", suffix: "_file") == "disk-root_file")
        #expect(DeviceName.serial(of: "abcdefghijklmnopqrst") == "abcdefghijklmnopqrst")
        #expect(DeviceName.serial(of: "postgres-data-volume-a").hasPrefix("postgres-da_"))
        #expect(DeviceName.serial(of: "postgres-data-volume-a") == DeviceName.serial(of: "postgres-data-volume-a"))
    }
}
