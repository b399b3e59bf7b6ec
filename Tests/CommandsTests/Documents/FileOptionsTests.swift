import Testing

@testable import Commands

@Suite("The flags of commands that read manifests")
struct FileOptionsTests {
    @Test("-k is refused with what to do in its place, whatever the verb", arguments: ["apply", "validate", "delete"])
    func kustomize(verb: String) async {
        let result = await Bench().run(verb, "-k", "overlays/prod")
        #expect(result.code == 1)
        #expect(result.errors.contains("kustomize build overlays/prod | blixard apply -f -"), "\(result.errors)")
        #expect(await Bench().run("diff", "--kustomize=x").code == 2)
    }
}
