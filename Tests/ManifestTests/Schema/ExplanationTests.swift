import Manifest
import Testing

@Suite struct ExplanationTests {
    @Test("A field is explained with type, default, limits and update class")
    func field() throws {
        #expect(
            try Explanation(of: "vm.spec.memory", recursive: false).text == """
                GROUP:      blixard.dev
                KIND:       VirtualMachine
                VERSION:    v1

                FIELD: memory <string>
                DEFAULT: 128Mi
                LIMITS: 16Mi to 64Ti
                UPDATE: restart

                DESCRIPTION:
                    The guest's memory as a quantity of bytes, such as 512Mi or 2Gi; 16Mi to
                    64Ti.

                """)
    }

    @Test("A field with fields lists them")
    func nested() throws {
        let text = try Explanation(of: "image.spec", recursive: false).text
        #expect(text.contains("FIELD: spec <ImageSpec>\n"))
        #expect(text.contains("\nFIELDS:\n") && text.contains("\n  digest\t<string> -required-\n"))
        #expect(text.contains("  format\t<string> -required-\n  enum: raw, qcow2, kernel, initrd\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("All fields of a kind are explained at once as a tree")
    func recursive() throws {
        let text = try Explanation(of: "VirtualMachine", recursive: true).text
        #expect(text.contains("\n  spec\t<VirtualMachineSpec>\n"))
        #expect(text.contains("\n    disks\t<[]Disk>\n      format\t<string>\n"))
        #expect(text.contains("\n      labels\t<map[string]string>\n") == false)
        #expect(text.contains("\n    labels\t<map[string]string>\n"))
    }

    @Test("Elements of lists need no index")
    func elements() throws {
        #expect(
            try Explanation(of: "vm.spec.disks.size", recursive: false)
                == Explanation(of: "vms.spec.disks[0].size", recursive: false))
    }

    @Test(
        "What can't be explained is refused",
        arguments: [
            ("pod", #"the server doesn't have a resource type "pod""#),
            ("vm.spec.memroy", #"field "vm.spec.memroy" does not exist, did you mean "memory"?"#),
            ("vm.spec.memory.x", #"field "vm.spec.memory.x" does not exist: it has no fields"#),
            ("node.spec.zzz", #"field "node.spec.zzz" does not exist: known fields: reserved, unschedulable"#),
            ("ev.spec", "events are written by the cluster alone and have no schema"),
        ])
    func refused(words: String, message: String) {
        let error = #expect(throws: ExplanationError.self) { try Explanation(of: words, recursive: false) }
        #expect(error?.description == message)
    }
}
