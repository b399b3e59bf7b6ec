import Testing

@testable import Commands

@Suite("Errors in YAML manifests")
struct YAMLErrorTests {
    @Test("an error of the schema is placed where the value stands in the YAML")
    func places() async {
        let bench = Bench()
        let file = bench.file(
            "vm.yaml",
            """
            apiVersion: blixard.dev/v1
            kind: VirtualMachine
            metadata:
              name: web
            spec:
              vcpus: 0
              memroy: 1Gi
            """)
        let result = await bench.run("validate", "-f", file)
        #expect(result.code == 1)
        #expect(result.errors.contains("vm.yaml:6:10: VirtualMachine web: spec.vcpus: "), "\(result.errors)")
        #expect(result.errors.contains("spec.memroy"), "\(result.errors)")
        #expect(result.errors.contains("memory"), "\(result.errors)")
        #expect(result.errors.hasSuffix("2 errors; nothing was changed\n"), "\(result.errors)")
    }

    @Test("a number where a string belongs is told as a number")
    func numberForString() async {
        let bench = Bench()
        let file = bench.file(
            "vm.yaml",
            "apiVersion: blixard.dev/v1\nkind: VirtualMachine\nmetadata: {name: web, labels: {v: 1.10}}\nspec: {}\n"
        )
        let result = await bench.run("validate", "-f", file)
        #expect(result.code == 1)
        #expect(result.errors.contains("vm.yaml:3:"), "\(result.errors)")
    }
}
