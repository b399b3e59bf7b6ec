import Manifest
import Testing

@Suite struct KindTests {
    @Test(
        "A kind is found by any of its spellings",
        arguments: [
            ("vm", "VirtualMachine"), ("vms", "VirtualMachine"), ("virtualmachine", "VirtualMachine"),
            ("virtualmachines", "VirtualMachine"), ("VirtualMachine", "VirtualMachine"), ("VM", "VirtualMachine"),
            ("virtualmachines.blixard.dev", "VirtualMachine"), ("virtualmachines.v1.blixard.dev", "VirtualMachine"),
            ("no", "Node"), ("node", "Node"), ("nodes", "Node"), ("img", "Image"), ("images", "Image"), ("ev", "Event"),
            ("events", "Event"), ("pod", nil), ("", nil), ("vm.example.org", nil),
        ] as [(String, String?)])
    func spellings(word: String, kind: String?) {
        #expect(KindInfo.named(word)?.kind == kind)
    }

    @Test("No spelling means two kinds")
    func distinct() {
        let spellings = KindInfo.all.flatMap(\.spellings)
        #expect(Set(spellings).count == spellings.count)
        #expect(
            KindInfo.writable.map(\.kind) == [
                "GitRepository", "Image", "ManifestSet", "Node", "Secret", "VirtualMachine",
            ])
    }

    @Test("Keys are ordered by kind, namespace and name, and keep no namespace for kinds of the cluster")
    func keys() {
        let vm = KindInfo.virtualMachine.key(namespace: "prod", name: "web")
        let node = KindInfo.node.key(namespace: "prod", name: "node-1")
        #expect(vm.resourceName == "virtualmachine.blixard.dev/web")
        #expect(vm.description == "VirtualMachine prod/web")
        #expect(node.namespace == "")
        #expect(node.description == "Node node-1")
        #expect([vm, node].sorted() == [node, vm])
        #expect(KindInfo.virtualMachine.key(namespace: "a", name: "z") < vm)
    }

    @Test(
        "Names, keys and values of labels follow the rules of Kubernetes",
        arguments: [
            ("web", true, true, true), ("a", true, true, true), ("a-b.c", false, true, true),
            ("Web", false, true, true),
            ("-web", false, false, false), ("web-", false, false, false), ("", false, false, true),
            ("a_b", false, true, true),
            ("example.org/rack", false, true, false), ("a/b/c", false, false, false), ("/a", false, false, false),
            ("a/", false, false, false), ("Ex.org/a", false, false, false), ("é", false, false, false),
            (String(repeating: "a", count: 63), true, true, true),
            (String(repeating: "a", count: 64), false, false, false),
        ])
    func names(text: String, isLabel: Bool, isKey: Bool, isValue: Bool) {
        #expect((NameRules.labelProblem(text) == nil) == isLabel)
        #expect((NameRules.labelKeyProblem(text) == nil) == isKey)
        #expect((NameRules.labelValueProblem(text) == nil) == isValue)
    }
}
