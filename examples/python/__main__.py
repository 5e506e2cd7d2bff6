import pulumi
from pulumi_harbor_build import (
    CachedImage,
    CachedImageCredentialsArgs,
    CachedImageProjectArgs,
    ImageProject,
)

shop = ImageProject("shop", name="shop")
web = CachedImage(
    "web",
    project=CachedImageProjectArgs(name="shop", existing=True),
    credentials=CachedImageCredentialsArgs(
        username=shop.push_credentials.username,
        password=shop.push_credentials.password,
    ),
    context="./app",
    tags=["1.0.0"],
    opts=pulumi.ResourceOptions(depends_on=[shop]),
)

pulumi.export("image", web.ref)
pulumi.export("pull_secret", shop.pull_secret)
