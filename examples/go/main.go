package main

import (
	"example.com/pulumi-harbor-build/sdk/go/harborbuild"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		shop, err := harborbuild.NewImageProject(ctx, "shop", &harborbuild.ImageProjectArgs{
			Name: "shop",
		})
		if err != nil {
			return err
		}
		web, err := harborbuild.NewCachedImage(ctx, "web", &harborbuild.CachedImageArgs{
			Project: harborbuild.CachedImageProjectArgs{Name: "shop", Existing: pulumi.BoolRef(true)},
			Credentials: harborbuild.CachedImageCredentialsArgs{
				Username: shop.PushCredentials.Username(),
				Password: shop.PushCredentials.Password(),
			},
			Context: "./app",
			Tags:    []string{"1.0.0"},
		}, pulumi.DependsOn([]pulumi.Resource{shop}))
		if err != nil {
			return err
		}
		ctx.Export("image", web.Ref)
		ctx.Export("pullSecret", shop.PullSecret)
		return nil
	})
}
