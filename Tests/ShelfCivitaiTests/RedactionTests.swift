import ShelfCivitai
import Testing

@Suite struct RedactionTests {
    @Test(arguments: [
        ("https://civitai.com/api/download/models/1?token=S3&type=Model", "/models/1?token=***&type=Model"),
        ("https://civitai.com/models/1?a=1#API_KEY=S3", "?a=1#API_KEY=***"),
        ("Authorization: Bearer S3, and more", "Authorization: Bearer ***, and more"),
        ("https://user:S3@civitai.com/models/1", "https://***@civitai.com/models/1"),
        ("http://S3@[::1]/?token=S3", "http://***@[::1]/?token=***"),
        ("two: http://a:S3@x/ and http://b:S3@y", "two: http://***@x/ and http://***@y"),
        ("civitai.com/login?returnUrl=%2Fmodels%2F1%3Ftoken%3DS3", "returnUrl=%2Fmodels%2F1%3Ftoken%3D***"),
        ("/login?returnUrl=%2Fm%3fTOKEN%3dS3%26a%3D1", "/login?returnUrl=%2Fm%3fTOKEN%3d***%26a%3D1"),
        ("https://x/y?auth=S3&password=S3&secret=S3&a=1", "?auth=***&password=***&secret=***&a=1"),
        ("https://x.blob/y?sig=S3%2BS3%3D&se=1", "?sig=***&se=1"),
    ])
    func secretsAreStruckOut(text: String, end: String) {
        let redacted = Redaction.text(text)
        #expect(redacted.hasSuffix(end))
        #expect(!redacted.contains("S3"))
    }

    @Test(arguments: [
        "", "a", "100% @home = fine", "mail me@example.com", "https://civitai.com/@name/models", "%", "%3", "a%3Db",
        "://", "https://x/y?page=2&cursor=a%7Cb",
    ])
    func everythingElseStays(text: String) { #expect(Redaction.text(text) == text) }
}
